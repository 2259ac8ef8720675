using System.Text;
using Containerd.Oci.Images;

namespace Containerd.Client.Tests.Images;

/// <summary>Documents of images as other tools write them; docs/architecture.md, "Files from elsewhere", has the table.</summary>
public sealed class OciJsonTests
{
    private static readonly ImageOrigin Origin = ImageOrigin.Stored("x");

    [Theory]
    [InlineData("""{"config":{"Cmd":["a"]}}""")]
    [InlineData("""{"CONFIG":{"cmd":["a"]}}""")]
    [InlineData("""{"config":{"Cmd":["a"],"Unknown":[[{"x":1e99}]],"Healthcheck":{"Test":[]}},"x":null}""")]
    [InlineData("""{"config":{"Cmd":["b"],"Cmd":["a"]}}""")]
    [InlineData("""{"config":{"Cmd":["b"],"cmd":["a"]}}""")]
    [InlineData("""{"config":{"Cmd":["b"]},"config":{"Cmd":["a"]}}""")]
    [InlineData(
        """{"created":null,"history":null,"rootfs":null,"config":{"Cmd":["a"],"Env":null,"Labels":null,"ExposedPorts":null,"Volumes":null,"User":null,"WorkingDir":null,"Entrypoint":null}}"""
    )]
    [InlineData(
        """{"created":"yesterday","rootfs":{"diff_ids":null},"history":[null,{"created":"","empty_layer":null}],"config":{"Cmd":["a"],"Labels":{"a":null}}}"""
    )]
    [InlineData("""{"created":"2024-01-02T03:04:05.123456789+02:00","config":{"Cmd":["a"]}}""")]
    [InlineData("""{"created":"0001-01-01T00:00:00Z","config":{"Cmd":["a"]}}""")]
    [InlineData(" \r\n{\"config\":{\"Cmd\":[\"a\"]}}\n")]
    public void A_config_is_parsed_as_by_Go(string json)
    {
        var model = OciJson.Parse<OciConfig>(Encoding.UTF8.GetBytes(json), "the config", Origin).ToModel();
        Assert.Equal(["a"], model.Cmd);
        Assert.Empty(model.Entrypoint);
    }

    [Fact]
    public void A_null_in_a_list_is_an_empty_text_and_bytes_that_are_not_text_are_replaced()
    {
        byte[] json = [.. """{"config":{"Cmd":["a",null],"Labels":{"x":"''"""u8, 0xff, .. "\"}}}"u8];
        var model = OciJson.Parse<OciConfig>(json, "the config", Origin).ToModel();
        Assert.Equal(["a", ""], model.Cmd);
        Assert.Equal("''\uFFFD", model.Labels["x"]);
    }

    [Theory]
    [InlineData("""{"config":{"Cmd":"echo hello"}}""", "config.Cmd", "a list of texts")]
    [InlineData("""{"config":{"Entrypoint":"/bin/sh"}}""", "config.Entrypoint", "a list of texts")]
    [InlineData("""{"config":{"Env":{"A":"1"}}}""", "config.Env", "a list of texts")]
    [InlineData("""{"config":{"Labels":["a"]}}""", "config.Labels", "an object")]
    [InlineData("""{"config":{"User":7}}""", "config.User", "a text")]
    [InlineData("""{"history":{}}""", "history", "a list")]
    [InlineData("""{"history":[{"empty_layer":"yes"}]}""", "history[0].empty_layer", "true or false")]
    [InlineData("""{"config":[]}""", "config", "an object")]
    public void A_value_of_the_wrong_type_is_named(string json, string field, string expected)
    {
        var error = Assert.Throws<CtrDataException>(() => OciJson.Parse<OciConfig>(Encoding.UTF8.GetBytes(json), "the config", Origin));
        Assert.Contains(
            $"the config has something else than {expected} as its field '{field}' (line 1)",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("""{"mediaType":"a","size":null}""", 0)]
    [InlineData("""{"mediaType":"a","size":7,"SIZE":8,"annotations":{"a":null},"platform":null,"urls":null}""", 8)]
    public void A_descriptor_is_parsed_as_by_Go(string json, long size) =>
        Assert.Equal(size, OciJson.Parse<OciDescriptor>(Encoding.UTF8.GetBytes(json), "it", Origin).Size);

    [Theory]
    [InlineData("7.0")]
    [InlineData("7e0")]
    [InlineData("\"7\"")]
    [InlineData("9223372036854775808")]
    public void A_size_is_a_whole_number(string size) =>
        Assert.Contains(
            "a whole number",
            Assert
                .Throws<CtrDataException>(() => OciJson.Parse<OciDescriptor>(Encoding.UTF8.GetBytes($"{{\"size\":{size}}}"), "it", Origin))
                .Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF{}")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("// note\n{}")]
    public void Text_that_Go_rejects_is_rejected(string json) =>
        Assert.Contains(
            "not valid JSON",
            Assert.Throws<CtrDataException>(() => OciJson.Parse<OciConfig>(Encoding.UTF8.GetBytes(json), "it", Origin)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void The_last_of_several_properties_with_one_name_is_used_in_a_changed_document()
    {
        var node = OciJson.ParseNode("""{"manifests":[1],"a":{"b":1.50,"b":2.50},"Manifests":[3]}"""u8)!.AsObject();
        Assert.Equal("[3]", OciJson.Property(node, "manifests")!.ToJsonString());
        Assert.Equal("""{"b":2.50}""", node["a"]!.ToJsonString());
    }

    [Fact]
    public void Deep_nesting_is_not_a_reason_to_reject_an_image() =>
        Assert.Equal(
            ["a"],
            OciJson
                .Parse<OciConfig>(
                    Encoding.UTF8.GetBytes("{\"deep\":" + new string('[', 200) + new string(']', 200) + ",\"config\":{\"Cmd\":[\"a\"]}}"),
                    "it",
                    Origin
                )
                .ToModel()
                .Cmd
        );
}
