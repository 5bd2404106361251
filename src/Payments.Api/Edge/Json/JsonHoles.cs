using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Payments.Api.Edge.Json;

/// <summary>What well-formed JSON may hold and nobody here can keep: the character U+0000, which no text of the database takes, and null within a list.</summary>
internal static class JsonHoles
{
    public const string NoNul = "must not contain the character U+0000";

    private const string NoNull = "must not be null";

    /// <summary>The first of them; null: there is none.</summary>
    /// <param name="json">Well formed.</param>
    public static (string Field, string Message)? Find(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var path = new Stack<Step>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    path.Peek().Name = reader.GetString();
                    if (HasNul(reader))
                    {
                        return (Text(path, skip: 1), NoNul);
                    }

                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    Next(path);
                    path.Push(new Step(reader.TokenType == JsonTokenType.StartArray));
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    path.Pop();
                    break;
                default:
                    Next(path);
                    if (reader.TokenType == JsonTokenType.String && HasNul(reader))
                    {
                        return (Text(path, skip: 0), NoNul);
                    }

                    if (reader.TokenType == JsonTokenType.Null && path.TryPeek(out var list) && list.IsList)
                    {
                        return (Text(path, skip: 0), NoNull);
                    }

                    break;
            }
        }

        return null;
    }

    /// <summary>It can only be there as an escape.</summary>
    private static bool HasNul(Utf8JsonReader reader) => reader.ValueIsEscaped && reader.GetString()!.Contains('\0', StringComparison.Ordinal);

    private static void Next(Stack<Step> path)
    {
        if (path.TryPeek(out var list) && list.IsList)
        {
            list.Index++;
        }
    }

    private static string Text(Stack<Step> path, int skip)
    {
        var text = new StringBuilder();
        foreach (var step in path.Skip(skip).Reverse())
        {
            text = step.IsList ? text.Append(CultureInfo.InvariantCulture, $"[{step.Index}]") : text.Append(text.Length == 0 ? "" : ".").Append(step.Name);
        }

        return text.Length == 0 ? "body" : text.ToString();
    }

    private sealed class Step(bool isList)
    {
        public bool IsList => isList;

        public string? Name { get; set; }

        public int Index { get; set; } = -1;
    }
}
