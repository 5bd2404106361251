using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Payments.Api.Edge;

namespace Payments.Api.Tests.Edge;

/// <summary>The document as a generator of clients reads it, over every call there is.</summary>
public sealed class Describing_every_call : IAsyncLifetime
{
    private static readonly string[] Methods = ["get", "post", "put", "delete", "patch", "head", "options"];

    private readonly EdgeHost host = new() { Services = services => services.AddSingleton<IMediator, NobodyHome>() };
    private JsonNode document = null!;

    private IEnumerable<(string Name, string Path, string Method, JsonNode Operation)> Operations =>
        from path in document["paths"]!.AsObject()
        where !path.Key.Contains("/probe", StringComparison.Ordinal)
        from operation in path.Value!.AsObject()
        where Methods.Contains(operation.Key)
        select ($"{operation.Key.ToUpperInvariant()} {path.Key}", path.Key, operation.Key, operation.Value);

    public async Task InitializeAsync()
    {
        await host.InitializeAsync();
        document = (await host.GetAsync("/openapi/v1.json")).Json;
        Operations.Count().ShouldBeGreaterThan(15);
    }

    public Task DisposeAsync() => host.DisposeAsync();

    [Fact]
    public void Each_has_a_name_of_its_own_a_sentence_and_a_heading()
    {
        foreach (var (name, _, _, operation) in Operations)
        {
            ((string?)operation["summary"]).ShouldNotBeNullOrWhiteSpace(name);
            ((string?)operation["operationId"]).ShouldNotBeNull(name).ShouldMatch("^[a-z][A-Za-z]+$", name);
            ((string?)operation["description"]).ShouldNotBeNullOrWhiteSpace(name);
            var heading = (string?)operation["tags"]!.AsArray().ShouldHaveSingleItem(name);
            document["tags"]!.AsArray().Where(tag => (string?)tag!["name"] == heading).ShouldHaveSingleItem($"{name}: Headings has nothing for {heading}")!["description"].ShouldNotBeNull(heading);
        }

        Operations.Select(o => (string?)o.Operation["operationId"]).ShouldBeUnique();
    }

    [Fact]
    public void Each_says_what_it_answers()
    {
        foreach (var (name, _, _, operation) in Operations)
        {
            var answers = Responses(operation).Where(r => r.Key[0] is '2' or '3').ToList();
            answers.ShouldNotBeEmpty(name);
            foreach (var (status, answer) in answers)
            {
                ((string?)answer!["description"]).ShouldNotBeNullOrEmpty(name);
                if (status[0] == '2' && status != "204")
                {
                    // What is exported is a table, what is live a stream; everything else is JSON.
                    var media = name.EndsWith(".csv", StringComparison.Ordinal) ? "text/csv" : name == "GET /api/v1/notifications/stream" ? "text/event-stream" : "application/json";
                    answer["content"].ShouldNotBeNull(name)[media].ShouldNotBeNull(name)["schema"].ShouldNotBeNull(name);
                    answer["content"]!.AsObject().ShouldHaveSingleItem(name);
                }
            }

            foreach (var (status, problem) in Responses(operation).Where(r => r.Key[0] is '4' or '5' && !(r.Key == "503" && name == "GET /health/ready")))
            {
                var answer = problem.ShouldNotBeNull($"{name} {status}");
                answer["content"].ShouldNotBeNull($"{name} {status}").AsObject().Select(c => c.Key).ShouldBe(["application/problem+json"], $"{name} {status}");
                var codes = Codes(answer).ToList();
                codes.ShouldNotBeEmpty($"{name} {status}");
                codes.ShouldAllBe(code => ((string?)answer["description"])!.Contains($"`{code}`", StringComparison.Ordinal), $"{name} {status}");
                codes.ShouldAllBe(code => (int?)Example(code)["status"] == int.Parse(status, CultureInfo.InvariantCulture) && (string?)Example(code)["code"] == code, $"{name} {status}");
            }
        }
    }

    /// <summary>Which of them each call may answer is read out of the code (What_each_call_may_be_refused_with); here, that the document passes it on.</summary>
    [Fact]
    public void Every_code_there_is_is_said_where_it_may_come()
    {
        using var file = typeof(EdgeOptions).Assembly.GetManifestResourceStream("refusals.json")!;
        var known = JsonNode.Parse(file)!;
        var said = Operations.SelectMany(o => Responses(o.Operation)).SelectMany(answer => Codes(answer.Value!)).ToHashSet(StringComparer.Ordinal);

        known["refusals"]!.AsObject().Select(refusal => refusal.Key).Except(said, StringComparer.Ordinal).Order(StringComparer.Ordinal).ShouldBe(NotAnswered);
        foreach (var (operation, about) in known["operations"]!.AsObject().Where(o => !o.Key.StartsWith("sandbox", StringComparison.Ordinal)))
        {
            var answers = Responses(Operations.Single(o => (string?)o.Operation["operationId"] == operation).Operation).SelectMany(answer => Codes(answer.Value!)).ToList();
            about!["refusals"]!.AsArray().Select(code => (string)code!).Except(answers, StringComparer.Ordinal).ShouldBeEmpty(operation);
        }
    }

    /// <summary>Refusals that no documented call answers: the sandbox's, and those that only workers meet.</summary>
    private static readonly string[] NotAnswered = ["sandbox.unreachable"];

    [Fact]
    public void Every_request_and_answer_has_an_example()
    {
        foreach (var (name, path, _, operation) in Operations)
        {
            var contents = Responses(operation).Where(r => r.Key[0] == '2').Select(r => r.Value!["content"]).Append(operation["requestBody"]?["content"]);
            foreach (var media in contents.OfType<JsonObject>().SelectMany(content => content))
            {
                // An object without members is its own example; the writer of the document leaves it out.
                if (!media.Value!.ToJsonString().Contains("/NothingRequest", StringComparison.Ordinal))
                {
                    media.Value["example"].ShouldNotBeNull($"{name} {media.Key}");
                }
            }

            foreach (var parameter in (operation["parameters"]?.AsArray() ?? []).Where(p => (string?)p!["in"] == "path"))
            {
                parameter!["example"].ShouldNotBeNull($"{name} {parameter["name"]}");
            }
        }
    }

    private IEnumerable<KeyValuePair<string, JsonNode?>> Responses(JsonNode operation) => operation["responses"]!.AsObject()
        .Select(r => r.Value!["$ref"] is { } reference ? KeyValuePair.Create(r.Key, document["components"]!["responses"]![((string)reference!).Split('/')[^1]]) : r);

    private static IEnumerable<string> Codes(JsonNode answer) => answer["content"]?["application/problem+json"]?["examples"] is JsonObject examples ? examples.Select(example => example.Key) : [];

    private JsonNode Example(string code) => document["components"]!["examples"]![code].ShouldNotBeNull(code)["value"]!;

    [Fact]
    public void Every_value_says_its_type()
    {
        foreach (var (where, schema) in AllSchemas())
        {
            var types = Types(schema);
            (types.Count > 0 || schema["$ref"] is not null || schema["oneOf"] is not null || IsAnything(where)).ShouldBeTrue($"{where}: {schema.ToJsonString()}");
            types.Except(["null"]).Count().ShouldBeLessThanOrEqualTo(1, $"{where}: {schema.ToJsonString()}");
            switch ((string?)schema["format"])
            {
                case "date-time" or "uuid":
                    types.ShouldContain("string", where);
                    break;
                case "int32" or "int64":
                    types.ShouldContain("integer", where);
                    break;
            }

            if (schema["enum"] is JsonArray values)
            {
                types.ShouldContain("string", where);
                values.OfType<JsonValue>().ShouldAllBe(v => v.GetValueKind() == JsonValueKind.String && char.IsAsciiLetterLower(((string)v!)[0]), where);
            }

            schema["pattern"].ShouldBeNull(where);
        }
    }

    [Fact]
    public void Times_ids_and_states_are_what_they_are()
    {
        var payment = Schema("PaymentResponse")["properties"]!;

        Types(payment["createdAt"]!).ShouldBe(["string"]);
        ((string?)payment["createdAt"]!["format"]).ShouldBe("date-time");
        Types(payment["completedAt"]!).Order().ShouldBe(["null", "string"]);
        ((string?)payment["completedAt"]!["format"]).ShouldBe("date-time");
        Types(payment["sessionId"]!).Order().ShouldBe(["null", "string"]);
        ((string?)payment["id"]!["format"]).ShouldBe("uuid");
        Schema("PaymentStatus")["enum"]!.AsArray().Select(v => (string?)v).ShouldBe(
            ["pending", "requiresAction", "processing", "succeeded", "failed", "canceled", "expired", "partiallyRefunded", "refunded", "disputed", "lost"]);
        payment["failure"]!["oneOf"]!.AsArray().ShouldContain(one => (string?)one!["type"] == "null");
    }

    [Fact]
    public void An_answer_promises_every_member_it_has()
    {
        foreach (var (where, schema) in Reachable(Operations.SelectMany(o => o.Operation["responses"]!.AsObject().Where(r => r.Key.StartsWith('2')).Select(r => (o.Name, r.Value!["content"]?["application/json"]?["schema"])))))
        {
            Required(schema).ShouldBe(Members(schema), where);
        }
    }

    /// <summary>Proven on the API itself: with all but one required member it refuses that one, with just them it asks for no more.</summary>
    [Fact]
    public async Task A_request_demands_exactly_what_it_is_refused_without()
    {
        var demanded = 0;
        foreach (var (name, path, method, operation) in Operations.Where(o => o.Operation["requestBody"] is not null && !o.Path.Contains("/webhooks/", StringComparison.Ordinal)))
        {
            var schema = Resolved(operation["requestBody"]!["content"]!["application/json"]!["schema"]!);
            var address = path.Replace("{id}", Guid.NewGuid().ToString(), StringComparison.Ordinal).Replace("{holdId}", Guid.NewGuid().ToString(), StringComparison.Ordinal);
            var whole = Sample(schema);

            (await SendAsync(whole)).Body.ShouldNotContain("is required", Case.Sensitive, name);
            foreach (var member in Required(schema))
            {
                demanded++;
                var without = whole.DeepClone().AsObject();
                without.Remove(member);
                (await SendAsync(without)).ShouldBeProblem(400, "request.invalid").Error(member).ShouldBe("is required");
            }

            Task<Answer> SendAsync(JsonNode body) => host.SendAsync(
                new HttpMethod(method.ToUpperInvariant()), address, operation["security"]![0]!["bearer"] is null ? null : EdgeHost.TokenOf("admin"), body.ToJsonString(), ("X-Internal-Api-Key", EdgeHost.InternalKey));
        }

        demanded.ShouldBeGreaterThan(3);
    }

    [Fact]
    public void A_body_that_may_be_left_out_is_not_demanded()
    {
        foreach (var (name, path, _, operation) in Operations.Where(o => o.Operation["requestBody"] is not null))
        {
            ((bool?)operation["requestBody"]!["required"] ?? false).ShouldBe(!LeftOut.Any(end => path.EndsWith(end, StringComparison.Ordinal)), name);
        }
    }

    /// <summary>Calls that say enough without a body.</summary>
    private static readonly string[] LeftOut = ["/capture", "{id}/replay", "/setup-intent", "methods/{id}/default", "subscriptions/{id}/cancel", "subscriptions/{id}/pause", "/customer-portal", "plans/sync", "{id}/refunds", "/erasure"];

    private IEnumerable<(string Where, JsonNode Schema)> AllSchemas() =>
        document["components"]!["schemas"]!.AsObject().Where(s => !s.Key.StartsWith("Probe", StringComparison.Ordinal)).SelectMany(s => Within(s.Key, s.Value!))
            .Concat(Operations.SelectMany(o => (o.Operation["parameters"]?.AsArray() ?? []).SelectMany(p => Within($"{o.Name} {p!["name"]}", p["schema"]!))));

    private static IEnumerable<(string Where, JsonNode Schema)> Within(string where, JsonNode schema)
    {
        yield return (where, schema);
        var inner = (schema["properties"]?.AsObject() ?? []).Select(p => ($"{where}.{p.Key}", p.Value))
            .Append(($"{where}[]", schema["items"]))
            .Append(($"{where}.*", schema["additionalProperties"] as JsonObject))
            .Concat((schema["oneOf"]?.AsArray() ?? []).Select((one, i) => ($"{where}|{i}", one)));
        foreach (var (name, child) in inner)
        {
            foreach (var found in child is null ? [] : Within(name, child))
            {
                yield return found;
            }
        }
    }

    /// <summary>Every object schema that these lead to.</summary>
    private List<(string Where, JsonNode Schema)> Reachable(IEnumerable<(string Where, JsonNode? Schema)> from)
    {
        var found = new List<(string Where, JsonNode Schema)>();
        var open = new Queue<(string Where, JsonNode? Schema)>(from);
        var seen = new HashSet<string>();
        while (open.TryDequeue(out var next))
        {
            if (next.Schema is null || (next.Schema["$ref"] is { } name && !seen.Add((string)name!)))
            {
                continue;
            }

            foreach (var (where, schema) in Within(next.Where, Resolved(next.Schema)))
            {
                if (schema["$ref"] is not null)
                {
                    open.Enqueue((where, schema));
                }
                else if (schema["properties"] is not null)
                {
                    found.Add((where, schema));
                }
            }
        }

        found.Count.ShouldBeGreaterThan(8);
        return found;
    }

    private JsonNode Resolved(JsonNode schema) => schema["$ref"] is { } reference ? Schema(((string)reference!).Split('/')[^1])
        : schema["oneOf"] is JsonArray either ? Resolved(either.First(one => (string?)one!["type"] != "null")!)
        : schema;

    private JsonNode Schema(string name) => document["components"]!["schemas"]![name].ShouldNotBeNull(name);

    // The payload of a stored event is whatever came.
    private static bool IsAnything(string where) => where is "WebhookEventDetailResponse.payload" || where.StartsWith("JsonNode", StringComparison.Ordinal);

    private static List<string> Types(JsonNode schema) => schema["type"] switch
    {
        JsonArray several => [.. several.Select(t => (string)t!)],
        JsonValue one => [(string)one!],
        _ => [],
    };

    private static List<string> Members(JsonNode schema) => [.. schema["properties"]!.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal)];

    private static List<string> Required(JsonNode schema) => [.. (schema["required"]?.AsArray() ?? []).Select(r => (string)r!).Order(StringComparer.Ordinal)];

    private JsonNode Sample(JsonNode schema)
    {
        schema = Resolved(schema);
        return Types(schema).FirstOrDefault(t => t != "null") switch
        {
            "object" => new JsonObject(Required(schema).Select(member => KeyValuePair.Create(member, (JsonNode?)Sample(schema["properties"]![member]!)))),
            "array" => new JsonArray(),
            "integer" => 1,
            "boolean" => true,
            _ when schema["enum"] is JsonArray values => values[0]!.DeepClone(),
            _ => (string?)schema["format"] switch { "uuid" => Guid.NewGuid().ToString(), "date-time" => "2027-01-31T12:00:00Z", _ => "x" },
        };
    }

    /// <summary>No request gets further than the edge.</summary>
    private sealed class NobodyHome : IMediator
    {
        public Task<TResponse> Send<TResponse>(IRequest<TResponse> request, CancellationToken cancellationToken = default) => throw new InvalidOperationException("Nobody is home.");

        public Task Publish<TNotification>(TNotification notification, CancellationToken cancellationToken = default)
            where TNotification : INotification => throw new InvalidOperationException("Nobody is home.");
    }
}
