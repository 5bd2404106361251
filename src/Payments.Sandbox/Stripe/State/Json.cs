using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Payments.Sandbox.Stripe.State;

/// <summary>JSON as Stripe writes it: two spaces, line feeds, text outside ASCII as it is.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Pretty = new()
    {
        WriteIndented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Show(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, Pretty);

    public static byte[] Show(byte[] compact) => Show(Parse(compact));

    public static byte[] Write(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, Compact);

    public static JsonObject Parse(ReadOnlySpan<byte> json) => JsonNode.Parse(json)!.AsObject();

    public static string Text(JsonNode node) => Encoding.UTF8.GetString(Write(node));
}
