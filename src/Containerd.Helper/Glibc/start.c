/*
 * Until glibc 2.34 a program called its constructors itself, with a function that its start code named; since then the C library calls them where the start code
 * names none. The build machine's start code is of the newer kind, so here is the function for both: the linker puts this in the place of __libc_start_main.
 */
typedef int (*main_function)(int, char **, char **);
typedef void (*init_function)(int, char **, char **);

extern init_function __init_array_start[] __attribute__((visibility("hidden")));
extern init_function __init_array_end[] __attribute__((visibility("hidden")));
extern void _init(void);
extern int __real___libc_start_main(main_function, int, char **, init_function, void (*)(void), void (*)(void), void *);

static void construct(int count, char **arguments, char **environment)
{
    _init();
    for (init_function *next = __init_array_start; next < __init_array_end; next++)
        (*next)(count, arguments, environment);
}

int __wrap___libc_start_main(
    main_function start, int count, char **arguments, init_function init, void (*fini)(void), void (*loader_fini)(void), void *stack_end)
{
    return __real___libc_start_main(start, count, arguments, init ? init : construct, fini, loader_fini, stack_end);
}
