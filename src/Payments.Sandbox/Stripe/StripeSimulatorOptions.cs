namespace Payments.Sandbox.Stripe;

public sealed record StripeSimulatorOptions
{
    /// <summary>0 picks a free port. Only 127.0.0.1 listens.</summary>
    public int Port { get; init; }

    public string SecretKey { get; init; } = "sk_test_sandbox4eC39HqLyjWDarjtT1zdp7dc";

    /// <summary>Every sk_test_ key is good. For Stripe's CLI in the hands of a person, who has keys of their own.</summary>
    public bool AcceptAnyTestKey { get; init; }

    /// <summary>Whole secrets, whsec_ included. Several while one is being rolled: each signs.</summary>
    public IReadOnlyList<string> WebhookSecrets { get; init; } = ["whsec_sandbox0123456789abcdefghijklmnopqr"];

    /// <summary>Where events go; null: they are only listed.</summary>
    public Uri? WebhookUrl { get; init; }

    /// <summary>The API whose clock moves along with the sandbox's; null: there is none.</summary>
    public Uri? ApiBase { get; init; }

    /// <summary>Sent to the API as X-Internal-Api-Key with each move of the clock.</summary>
    public string? InternalApiKey { get; init; }

    /// <summary>Linked from the hosted pages, and shown on the sandbox page.</summary>
    public Uri? MailPage { get; init; }

    /// <summary>Who the sandbox page offers to sign in as.</summary>
    public IReadOnlyList<SandboxPerson> People { get; init; } = [];

    /// <summary>Where the journal lies; null: memory only.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The seller's name on the hosted pages.</summary>
    public string MerchantName { get; init; } = "Sandbox";

    /// <summary>What events are rendered as, and what a request without a Stripe-Version header gets.</summary>
    public string ApiVersion { get; init; } = "2026-07-29.dahlia";

    /// <summary>How long one delivery may take before it counts as failed.</summary>
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Stripe's waits between deliveries are divided by this on the wall clock, so that nobody waits five minutes for
    /// the first redelivery: 300 makes it one second.
    /// </summary>
    public double RedeliveryCompression { get; init; } = 300;

    /// <summary>No compressed wait is longer than this.</summary>
    public TimeSpan RedeliveryCap { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after a charge its balance transaction exists and charge.updated is sent (1 to 3 s at Stripe).</summary>
    public TimeSpan BalanceDelay { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How long after an invoice was paid invoice_payment.paid is sent (up to 20 s at Stripe).</summary>
    public TimeSpan InvoicePaymentDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a bank debit that is not one of the three-minute ones stays in processing.</summary>
    public TimeSpan DebitDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long until the bank has had its say: a refund's reference or failure, a verdict on a test dispute's evidence.</summary>
    public TimeSpan AftermathDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long one step of the clock may wait for the API to come to rest.</summary>
    public TimeSpan ClockStepTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Events beyond this are forgotten, oldest first, as are those over 30 days old.</summary>
    public int MaxEvents { get; init; } = 20_000;

    /// <summary>The wall clock beneath the sandbox's; tests put their own here.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the simulator's own warnings go; null: standard output.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}

/// <summary>Somebody of the sandbox.</summary>
/// <param name="Token">A bearer token for the API.</param>
public sealed record SandboxPerson(string Name, Guid Id, string Email, IReadOnlyList<string> Roles, string Token)
{
    // Not the token: this may come into a log.
    public override string ToString() => Email;
}
