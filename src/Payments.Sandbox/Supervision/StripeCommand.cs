using System.Text.Json;
using Payments.Sandbox.Stripe;

namespace Payments.Sandbox.Supervision;

/// <summary>What the supervisor tells the simulator's process: in one environment variable, since arguments can be read by every user of the machine.</summary>
internal sealed record StripeCommand
{
    public const string Variable = "PAYMENTS_STRIPE_SIMULATOR";

    public required int Port { get; init; }

    public required string SecretKey { get; init; }

    public required string WebhookSecret { get; init; }

    public required Uri WebhookUrl { get; init; }

    public required Uri ApiBase { get; init; }

    public required string InternalApiKey { get; init; }

    public required Uri MailPage { get; init; }

    public required IReadOnlyList<SandboxPerson> People { get; init; }

    public required string DataDirectory { get; init; }

    public static StripeCommand Read(string? json) => JsonSerializer.Deserialize<StripeCommand>(json ?? "null", JsonSerializerOptions.Web)
        ?? throw new SandboxException($"The simulator is started by ./run, which tells it everything in {Variable}.");

    public override string ToString() => nameof(StripeCommand);

    public StripeSimulatorOptions ToOptions() => new()
    {
        Port = Port,
        SecretKey = SecretKey,
        WebhookSecrets = [WebhookSecret],
        WebhookUrl = WebhookUrl,
        ApiBase = ApiBase,
        InternalApiKey = InternalApiKey,
        MailPage = MailPage,
        People = People,
        DataDirectory = DataDirectory,
    };

    public string Write() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
