using System.Text.Json;
using System.Text.Json.Serialization;
using Payments.Api.Edge.Errors;
using Payments.Application.Payments.Gateway;
using Payments.Domain.Shared;

namespace Payments.Api.Edge.Documents;

/// <summary>
/// What the use case behind a call may refuse. Read out of the compiled code by a test (What_each_call_may_be_refused_with),
/// which also sees to it that <c>refusals.json</c> says what the code does.
/// </summary>
internal static class KnownRefusals
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
    private static readonly RefusalsFile File = Read();

    public static IEnumerable<Problem> Of(string operation, bool writes)
    {
        if (!File.Operations.TryGetValue(operation, out var known))
        {
            return [];
        }

        var gateway = new List<GatewayFailureKind>();
        if (known.Gateway)
        {
            gateway = [GatewayFailureKind.Unavailable, GatewayFailureKind.OurFault, GatewayFailureKind.NotFound, GatewayFailureKind.Conflict];
            if (writes)
            {
                gateway.Add(GatewayFailureKind.Declined);
            }
        }

        return
        [
            .. known.Refusals.Select(code => ProblemOf.Exception(new Refusal(File.Refusals[code].Kind, code, File.Refusals[code].Detail))),
            .. gateway.Select(kind => ProblemOf.Exception(new GatewayFailure(kind, ""))),
            .. writes && known.Saves ? [Problem.Stale] : Array.Empty<Problem>(),
        ];
    }

    private static RefusalsFile Read()
    {
        using var file = typeof(KnownRefusals).Assembly.GetManifestResourceStream("refusals.json")!;
        return JsonSerializer.Deserialize<RefusalsFile>(file, Format)!;
    }

    private sealed record RefusalsFile(IReadOnlyDictionary<string, RefusalOfFile> Refusals, IReadOnlyDictionary<string, OperationOfFile> Operations);

    private sealed record RefusalOfFile(RefusalKind Kind, string Detail);

    /// <param name="Gateway">It may ask the provider.</param>
    /// <param name="Saves">It may write what somebody else has changed meanwhile.</param>
    private sealed record OperationOfFile(bool Gateway, bool Saves, IReadOnlyList<string> Refusals);
}
