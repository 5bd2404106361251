using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Clients;

/// <summary>Whoever copies an example out of the document has a request that the API understands.</summary>
public sealed class Examples_of_the_document(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Every_request_is_well_formed()
    {
        using var admin = world.NewUser(null, "admin");
        using var service = world.Internal();
        var document = JsonNode.Parse(await admin.Http.GetStringAsync("openapi/v1.json"))!;
        var sent = 0;
        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject().Where(o => o.Value!["requestBody"] is not null))
            {
                var parameters = operation!["parameters"]?.AsArray().Where(p => (string?)p!["in"] == "path") ?? [];
                var address = parameters.Aggregate(path, (made, p) => made.Replace($"{{{p!["name"]}}}", (string?)p["example"], StringComparison.Ordinal));
                if (address.Contains("/webhooks/", StringComparison.Ordinal))
                {
                    continue; // It wants a signature.
                }

                sent++;
                using var request = new HttpRequestMessage(new HttpMethod(method), address.TrimStart('/')) { Content = JsonContent.Create(operation["requestBody"]!["content"]!["application/json"]!["example"] ?? new JsonObject()) };
                using var answer = await (operation["security"]![0]!["bearer"] is null ? service : admin.Http).SendAsync(request);

                // What it names does not exist here, as a rule, and that may be said; that it is not understood may not.
                ((int)answer.StatusCode).ShouldNotBeOneOf([400, 401, 403, 413, 415, 500], $"{method} {address}: {await answer.Content.ReadAsStringAsync()}");
            }
        }

        sent.ShouldBeGreaterThan(20);
    }
}
