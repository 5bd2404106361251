using System.Globalization;

namespace Payments.Sandbox.Supervision;

/// <summary>What <c>./run</c> was asked for, by its options and by the environment.</summary>
internal sealed record SandboxOptions
{
    private const int DefaultApiPort = 8080;
    private const int DefaultStripePort = 12111;
    private const int DefaultMailPort = 8025;

    public bool Fresh { get; init; }

    /// <summary>0 picks a free one; the same goes for the other two.</summary>
    public int ApiPort { get; init; } = DefaultApiPort;

    public int StripePort { get; init; } = DefaultStripePort;

    public int MailPort { get; init; } = DefaultMailPort;

    public string DataDirectory { get; init; } = "";

    public string ApiAssembly { get; init; } = "";

    /// <summary>Null: the simulator.</summary>
    public StripeAccount? Stripe { get; init; }

    /// <summary>Null: a private PostgreSQL.</summary>
    public string? DatabaseUrl { get; init; }

    /// <exception cref="SandboxException">Says what is wrong and what would be right.</exception>
    public static SandboxOptions Parse(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        var options = new SandboxOptions();
        string? data = null, defaultData = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, attached) = arguments[i].Split('=', 2) is [var before, var after] && before.StartsWith("--", StringComparison.Ordinal) ? (before, after) : (arguments[i], null);
            switch (name)
            {
                case "--fresh" when attached is null:
                    options = options with { Fresh = true };
                    break;
                case "--port":
                    options = WithPort(options, Value("a port number"));
                    break;
                case "--data":
                    data = Value("a directory");
                    break;
                case "--default-data": // said by the script ./run, which knows where the repository is
                    defaultData = Value("a directory");
                    break;
                case "--api": // likewise: where it built the API
                    options = options with { ApiAssembly = Path.GetFullPath(Value("the API's assembly")) };
                    break;
                default:
                    throw new SandboxException($"./run does not know '{arguments[i]}'. See ./run --help.");
            }

            string Value(string what) => attached is { Length: > 0 } ? attached
                : attached is null && i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal) ? arguments[++i]
                : throw new SandboxException($"{name} wants {what}. See ./run --help.");
        }

        return options with
        {
            DataDirectory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(data ?? defaultData ?? ".local")),
            Stripe = StripeAccount.Read(environment),
            DatabaseUrl = environment("DATABASE_URL") is { Length: > 0 } url ? url : null,
        };
    }

    private static SandboxOptions WithPort(SandboxOptions options, string text)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535)
        {
            throw new SandboxException($"--port wants a number from 0 to 65535, not '{text}'.");
        }

        return port == 0 ? options with { ApiPort = 0, StripePort = 0, MailPort = 0 } : options with { ApiPort = port };
    }
}

/// <summary>A real test account, given by the environment.</summary>
internal sealed record StripeAccount(string SecretKey, string WebhookSecret, string ApiBase)
{
    private const string Official = "https://api.stripe.com";

    public static StripeAccount? Read(Func<string, string?> environment)
    {
        var key = environment("STRIPE_SECRET_KEY");
        if (string.IsNullOrEmpty(key))
        {
            return null;
        }

        if (key.StartsWith("sk_live_", StringComparison.Ordinal) || key.StartsWith("rk_live_", StringComparison.Ordinal))
        {
            throw new SandboxException("STRIPE_SECRET_KEY is a live key. The sandbox never moves real money: take a test key (sk_test_…), or unset STRIPE_SECRET_KEY to use the simulator.");
        }

        if (!key.StartsWith("sk_test_", StringComparison.Ordinal) && !key.StartsWith("rk_test_", StringComparison.Ordinal))
        {
            throw new SandboxException("STRIPE_SECRET_KEY is no test key (sk_test_… or rk_test_…). Unset it to use the simulator.");
        }

        if (environment("STRIPE_WEBHOOK_SECRET") is not { Length: > 0 } webhookSecret)
        {
            throw new SandboxException(
                "With STRIPE_SECRET_KEY set, Stripe itself is used, and its webhooks must be forwarded to this machine. Stripe's CLI does that:\n"
                + "  export STRIPE_WEBHOOK_SECRET=$(stripe listen --print-secret)\n"
                + "and then ./run again; it prints the command that forwards them. (Or unset STRIPE_SECRET_KEY to use the simulator.)");
        }

        return new StripeAccount(key, webhookSecret, environment("STRIPE_API_BASE") is { Length: > 0 } apiBase ? apiBase.TrimEnd('/') : Official);
    }

    public override string ToString() => ApiBase;
}
