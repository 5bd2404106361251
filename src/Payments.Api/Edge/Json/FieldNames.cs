using System.Text.Json;

namespace Payments.Api.Edge.Json;

/// <summary>Names of request fields as the caller wrote them.</summary>
internal static class FieldNames
{
    /// <summary><c>Items[0].ProductId</c> → <c>items[0].productId</c>.</summary>
    public static string Camel(string property) => property.Length == 0
        ? "body"
        : string.Join('.', property.Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName));

    /// <summary><c>$.items[0].productId</c> → <c>items[0].productId</c>; the root is <c>body</c>.</summary>
    public static string OfJsonPath(string? path) => path switch
    {
        null or "" or "$" => "body",
        _ when path.StartsWith("$.", StringComparison.Ordinal) => path[2..],
        _ => path[1..],
    };
}
