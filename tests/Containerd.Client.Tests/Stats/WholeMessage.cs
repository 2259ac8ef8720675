using System.Collections;
using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Containerd.Client.Tests.Stats;

/// <summary>A message with every field set, each number another one: whatever a decoder leaves out or mixes up shows.</summary>
internal static class WholeMessage
{
    /// <summary>Sets every field, those of messages inside too; a list gets one element.</summary>
    public static T Fill<T>(T message, ref ulong number)
        where T : IMessage
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.IsRepeated)
                ((IList)field.Accessor.GetValue(message)).Add(Value(field, ref number));
            else
                field.Accessor.SetValue(message, Value(field, ref number));
        }

        return message;
    }

    /// <summary>All values of an object of the model, those of objects inside too.</summary>
    public static IEnumerable<object> Values(object? item)
    {
        switch (item)
        {
            case null:
                break;
            case string or TimeSpan or DateTime or bool or double or long:
                yield return item;
                break;
            case IEnumerable items:
                foreach (var value in items.Cast<object>().SelectMany(Values))
                    yield return value;
                break;
            default:
                foreach (
                    var value in item.GetType()
                        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                        .SelectMany(p => Values(p.GetValue(item)))
                )
                    yield return value;
                break;
        }
    }

    private static object Value(FieldDescriptor field, ref ulong number)
    {
        number++;
        switch (field.FieldType)
        {
            case FieldType.Message:
                return Fill((IMessage)Activator.CreateInstance(field.MessageType.ClrType)!, ref number);
            case FieldType.UInt64:
                // A multiple of 100, so that nanoseconds survive as ticks.
                return number * 100;
            case FieldType.UInt32:
                return (uint)number * 100;
            case FieldType.Int64:
                return (long)number;
            case FieldType.Int32:
                return (int)number * 100;
            case FieldType.Double:
                return number + 0.25;
            case FieldType.Bool:
                return true;
            case FieldType.String:
                return $"text{number}";
            default:
                throw new NotSupportedException(field.FieldType.ToString());
        }
    }
}
