using System.Security.Cryptography;
using System.Text.Json;

namespace Payments.Sandbox.Supervision;

/// <summary>A sandbox's keys, made once and kept in its data directory, so that tokens and the simulator's objects outlive a restart.</summary>
internal sealed record SandboxSecrets
{
    public required string StripeSecretKey { get; init; }

    public required string StripePublishableKey { get; init; }

    public required string WebhookSecret { get; init; }

    public required string JwtSecret { get; init; }

    public required string InternalApiKey { get; init; }

    public required string DatabasePassword { get; init; }

    /// <summary>The secret end of the address that webhooks go to. Younger than the other keys: a data directory that was made before has none and gets one.</summary>
    public string WebhookPathToken { get; init; } = "";

    /// <exception cref="SandboxException">The file is there and unreadable.</exception>
    public static async Task<SandboxSecrets> LoadOrMakeAsync(string path, CancellationToken ct)
    {
        if (File.Exists(path))
        {
            try
            {
                var kept = JsonSerializer.Deserialize<SandboxSecrets>(await File.ReadAllTextAsync(path, ct), JsonSerializerOptions.Web)
                    ?? throw new JsonException("It holds nothing.");
                return kept.WebhookPathToken.Length > 0 ? kept : await KeepAsync(kept with { WebhookPathToken = Random(32) }, path, ct);
            }
            catch (JsonException unreadable)
            {
                throw new SandboxException($"{path} is damaged ({unreadable.Message}). Start over with ./run --fresh.", unreadable);
            }
        }

        return await KeepAsync(new SandboxSecrets
        {
            StripeSecretKey = "sk_test_sandbox" + Random(24),
            StripePublishableKey = "pk_test_sandbox" + Random(24),
            WebhookSecret = "whsec_" + Random(32),
            JwtSecret = Random(64),
            InternalApiKey = "internal_" + Random(32),
            DatabasePassword = Random(32),
            WebhookPathToken = Random(32),
        }, path, ct);
    }

    public override string ToString() => nameof(SandboxSecrets);

    private static async Task<SandboxSecrets> KeepAsync(SandboxSecrets secrets, string path, CancellationToken ct)
    {
        await PrivateFiles.WriteAsync(path, JsonSerializer.Serialize(secrets, JsonSerializerOptions.Web), ct);
        return secrets;
    }

    // Letters and digits only: they are pasted into shells and URLs.
    private static string Random(int length) => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length);
}
