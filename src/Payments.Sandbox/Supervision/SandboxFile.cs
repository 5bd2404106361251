using System.Text.Encodings.Web;
using System.Text.Json;

namespace Payments.Sandbox.Supervision;

/// <summary>
/// <c>DATA/sandbox.json</c>: where a running sandbox is and how to get in. It exists while the sandbox is ready, is
/// replaced as a whole (never half written), and only its owner may read it.
/// </summary>
internal sealed record SandboxFile
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Without a last slash, as are the next two.</summary>
    public required string Api { get; init; }

    public required string Stripe { get; init; }

    public required string Mail { get; init; }

    /// <summary><c>postgres://…</c></summary>
    public required string Database { get; init; }

    public required string WebhookSecret { get; init; }

    public required string StripeSecretKey { get; init; }

    public required string InternalApiKey { get; init; }

    public required string JwtSecret { get; init; }

    public required IReadOnlyDictionary<string, Guid> Users { get; init; }

    public required IReadOnlyDictionary<string, string> Tokens { get; init; }

    public required ProcessIds Pids { get; init; }

    public Task WriteAsync(string path, CancellationToken ct = default) => PrivateFiles.WriteAsync(path, JsonSerializer.Serialize(this, Format) + "\n", ct);

    public override string ToString() => Api;

    /// <summary>Null where there is no such process: Stripe itself, or a database that was there before.</summary>
    internal sealed record ProcessIds(int? Api, int? Stripe, int? Postgres);
}
