using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Admin;

/// <summary>Every call of the admin API, as the API's own document lists them.</summary>
public static class AdminCalls
{
    private static readonly string[] Methods = ["get", "post", "put", "delete", "patch"];

    public static async Task<List<AdminCall>> AllAsync(World world)
    {
        using var anybody = world.Anonymous();
        var document = (await anybody.GetFromJsonAsync<JsonNode>("openapi/v1.json"))!;
        var calls = (from path in document["paths"]!.AsObject()
                     where path.Key.StartsWith("/api/v1/admin/", StringComparison.Ordinal) || path.Key == "/api/v1/payments/{id}/refunds"
                     from operation in path.Value!.AsObject()
                     where Methods.Contains(operation.Key) && !(path.Key.EndsWith("/refunds", StringComparison.Ordinal) && operation.Key == "get")
                     select new AdminCall(operation.Key.ToUpperInvariant(), path.Key)).ToList();
        calls.Count.ShouldBeGreaterThan(25);
        return calls;
    }

    /// <summary>The call about a thing that is not there, with an empty body: enough to see who may make it.</summary>
    public static HttpRequestMessage Blank(this AdminCall call)
    {
        var address = System.Text.RegularExpressions.Regex.Replace(call.Path, @"\{\w*[tT]ype\}", "course", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
        address = System.Text.RegularExpressions.Regex.Replace(address, @"\{\w+\}", _ => Guid.NewGuid().ToString(), System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
        var request = new HttpRequestMessage(new HttpMethod(call.Method), address);
        if (call.Method is "POST" or "PUT" or "PATCH")
        {
            request.Content = JsonContent.Create(new { });
        }

        return request;
    }
}

public sealed record AdminCall(string Method, string Path)
{
    public bool Writes => Method != "GET";

    public override string ToString() => $"{Method} {Path}";
}
