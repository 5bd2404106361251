using System.Net;
using Microsoft.Extensions.Configuration;
using Payments.Application.Notifications;
using Payments.Application.Payments.Checkout;
using Payments.Application.Payments.Items;
using Payments.Application.Payments.Orders;
using Payments.Application.Payments.PaymentMethods;
using Payments.Application.Payments.Subscriptions;
using Payments.Application.Payments.Refunds;
using Payments.Application.Users.Credits;

namespace Payments.Infrastructure.Configuration;

/// <summary>
/// Everything that is configured, read and validated once at start. The names are those of <c>.env.example</c>; any
/// .NET configuration source may hold them. No secret shows in <see cref="ToString"/>.
/// </summary>
public sealed record Settings
{
    public required GatewaySettings Gateway { get; init; }

    public required DatabaseSettings Database { get; init; }

    public required AuthSettings Auth { get; init; }

    public required EdgeSettings Edge { get; init; }

    /// <summary>Null: no email is sent.</summary>
    public MailSettings? Mail { get; init; }

    /// <summary>Null: no message broker.</summary>
    public BrokerSettings? Broker { get; init; }

    /// <summary>Null: nothing is exported. <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public TelemetrySettings? Telemetry { get; init; }

    public required CheckoutOptions Checkout { get; init; }

    public required CreditOptions Credits { get; init; }

    public required SubscriptionOptions Subscriptions { get; init; }

    public required CardOptions Cards { get; init; }

    public required RefundOptions Refunds { get; init; }

    public required ItemOptions Items { get; init; }

    public required OrderOptions Orders { get; init; }

    public required NoticeOptions Notices { get; init; }

    /// <exception cref="SettingsException">Names every missing or malformed setting at once.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        var settings = new Settings
        {
            Gateway = GatewaySettings.Read(reader),
            Database = DatabaseSettings.Read(reader),
            Auth = AuthSettings.Read(reader),
            Edge = EdgeSettings.Read(reader),
            Mail = MailSettings.Read(reader),
            Broker = BrokerSettings.Read(reader),
            Telemetry = TelemetrySettings.Read(reader),
            Checkout = SellingSettings.ReadCheckout(reader),
            Credits = SellingSettings.ReadCredits(reader),
            Subscriptions = SellingSettings.ReadSubscriptions(reader),
            Cards = SellingSettings.ReadCards(reader),
            Refunds = SellingSettings.ReadRefunds(reader),
            Items = SellingSettings.ReadItems(reader),
            Orders = SellingSettings.ReadOrders(reader),
            Notices = SellingSettings.ReadNotices(reader),
        };
        reader.ThrowIfAnyProblem();
        return settings;
    }
}

/// <summary>The payment provider's account; Program.cs maps it to the adapter's own options.</summary>
public sealed record GatewaySettings
{
    /// <summary><c>sk_test_…</c>, <c>sk_live_…</c>, <c>rk_test_…</c> or <c>rk_live_…</c>. <c>STRIPE_SECRET_KEY</c>.</summary>
    public required string SecretKey { get; init; }

    /// <summary><c>pk_…</c> of the same mode. <c>STRIPE_PUBLISHABLE_KEY</c>.</summary>
    public string? PublishableKey { get; init; }

    /// <summary>One or more, for rotation. <c>STRIPE_WEBHOOK_SECRET</c>.</summary>
    public required IReadOnlyList<string> WebhookSecrets { get; init; }

    /// <summary>Scheme and host without a path or a last slash. <c>STRIPE_API_BASE</c>.</summary>
    public required string ApiBase { get; init; }

    /// <summary><c>acct_…</c>. <c>STRIPE_ACCOUNT_ID</c>.</summary>
    public string? AccountId { get; init; }

    /// <summary>The provider is a simulator on this machine; only then may its clock move ours.</summary>
    public bool IsLoopback => new Uri(ApiBase).IsLoopback;

    public override string ToString() => $"{nameof(GatewaySettings)} {{ {nameof(ApiBase)} = {ApiBase}, {nameof(AccountId)} = {AccountId}, {nameof(WebhookSecrets)} = {WebhookSecrets.Count} }}";

    internal static GatewaySettings Read(SettingsReader reader)
    {
        const string secretWants = "a secret API key of one mode: sk_test_…, rk_test_…, sk_live_… or rk_live_…";
        var secretKey = reader.Required("STRIPE_SECRET_KEY", secretWants, "sk_test_4eC39HqLyjWDarjtT1zdp7dc");
        if (secretKey.Length > 0 && !(IsToken(secretKey) && secretKey.Length >= 12 && secretKey[..8] is "sk_test_" or "sk_live_" or "rk_test_" or "rk_live_"))
        {
            reader.Malformed("STRIPE_SECRET_KEY", secretWants, "sk_test_4eC39HqLyjWDarjtT1zdp7dc");
            secretKey = "";
        }

        var live = secretKey.Length > 0 && secretKey[3..].StartsWith("live_", StringComparison.Ordinal);
        var publishable = reader.Optional("STRIPE_PUBLISHABLE_KEY");
        if (publishable is not null && !(IsToken(publishable) && (publishable.StartsWith("pk_test_", StringComparison.Ordinal) || publishable.StartsWith("pk_live_", StringComparison.Ordinal))))
        {
            reader.Malformed("STRIPE_PUBLISHABLE_KEY", "a publishable key: pk_test_… or pk_live_…", "pk_test_TYooMQauvdEDq54NiTphI7jx");
        }
        else if (publishable is not null && secretKey.Length > 0 && publishable.StartsWith("pk_live_", StringComparison.Ordinal) != live)
        {
            reader.Contradiction("STRIPE_PUBLISHABLE_KEY", "it is of the other mode than STRIPE_SECRET_KEY; it wants both test or both live, for example pk_test_… beside sk_test_…");
        }

        return new GatewaySettings
        {
            SecretKey = secretKey,
            PublishableKey = publishable,
            WebhookSecrets = WebhookSecretsOf(reader),
            ApiBase = ApiBaseOf(reader, live),
            AccountId = AccountOf(reader),
        };
    }

    private static IReadOnlyList<string> WebhookSecretsOf(SettingsReader reader)
    {
        const string wants = "one or more signing secrets (whsec_…), comma-separated while one is rotated";
        const string example = "whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH";
        if (reader.Required("STRIPE_WEBHOOK_SECRET", wants, example).Length == 0)
        {
            return [];
        }

        var secrets = reader.List("STRIPE_WEBHOOK_SECRET");
        if (secrets.Count == 0 || !secrets.All(secret => secret.StartsWith("whsec_", StringComparison.Ordinal) && secret.Length is > 8 and <= 255 && IsToken(secret)))
        {
            reader.Malformed("STRIPE_WEBHOOK_SECRET", wants, example);
        }

        return secrets;
    }

    private static string ApiBaseOf(SettingsReader reader, bool live)
    {
        const string official = "https://api.stripe.com";
        if (reader.Optional("STRIPE_API_BASE") is not { } text)
        {
            return official;
        }

        if (!Addresses.IsHttpsOrLoopback(text, out var uri) || uri.PathAndQuery != "/" || uri.Fragment.Length > 0)
        {
            reader.Malformed("STRIPE_API_BASE", "https://host without a path (http only on loopback)", "http://127.0.0.1:12111");
            return official;
        }

        if (live && uri.Scheme == Uri.UriSchemeHttp)
        {
            reader.Contradiction("STRIPE_API_BASE", "a live STRIPE_SECRET_KEY is never sent over http; it wants https, or a test key, for example sk_test_…");
        }

        return uri.GetLeftPart(UriPartial.Authority);
    }

    private static string? AccountOf(SettingsReader reader)
    {
        var account = reader.Optional("STRIPE_ACCOUNT_ID");
        if (account is not null && !(account.StartsWith("acct_", StringComparison.Ordinal) && account.Length is > 5 and <= 64 && IsToken(account)))
        {
            reader.Malformed("STRIPE_ACCOUNT_ID", "an account id", "acct_1032D82eZvKYlo2C");
        }

        return account;
    }

    // Printable ASCII: nothing that could end a header.
    private static bool IsToken(string text) => text.All(c => c is > ' ' and < '\x7f');
}

public sealed record DatabaseSettings
{
    /// <summary>For Npgsql; holds the password. <c>DATABASE_URL</c>, with the pool's size in it.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Most connections this process opens. <c>DATABASE_POOL_SIZE</c>, default 24.</summary>
    public required int PoolSize { get; init; }

    public override string ToString() => $"{nameof(DatabaseSettings)} {{ {nameof(PoolSize)} = {PoolSize} }}";

    internal static DatabaseSettings Read(SettingsReader reader)
    {
        var text = reader.Required("DATABASE_URL", PostgresUrl.Wants, PostgresUrl.Example);
        var poolSize = reader.Whole("DATABASE_POOL_SIZE", 24, 2, 1000);
        if (text.Length == 0)
        {
            return new DatabaseSettings { ConnectionString = "", PoolSize = poolSize };
        }

        if (!PostgresUrl.TryRead(text, out var builder, out var problem))
        {
            reader.Contradiction("DATABASE_URL", $"malformed ({problem}); it wants {PostgresUrl.Wants}, for example {PostgresUrl.Example}");
            return new DatabaseSettings { ConnectionString = "", PoolSize = poolSize };
        }

        builder.MaxPoolSize = poolSize;
        builder.ApplicationName ??= "payments";
        return new DatabaseSettings { ConnectionString = builder.ConnectionString, PoolSize = poolSize };
    }
}

/// <summary>Whose tokens and keys are believed: either a shared secret or an OpenID issuer.</summary>
public sealed record AuthSettings
{
    /// <summary>HS256, at least 32 bytes. <c>JWT_SECRET</c>.</summary>
    public string? Secret { get; init; }

    /// <summary>Believed beside <see cref="Secret"/> while it is rotated. <c>JWT_SECRET_PREVIOUS</c>.</summary>
    public string? PreviousSecret { get; init; }

    /// <summary>OpenID issuer, or its metadata address. <c>JWT_AUTHORITY</c>.</summary>
    public string? Authority { get; init; }

    /// <summary>Required of tokens when set. <c>JWT_ISSUER</c>.</summary>
    public string? Issuer { get; init; }

    /// <summary>Required of tokens when set. <c>JWT_AUDIENCE</c>.</summary>
    public string? Audience { get; init; }

    /// <summary>What our own services send in <c>X-Internal-Api-Key</c>. <c>INTERNAL_API_KEY</c>.</summary>
    public required string InternalApiKey { get; init; }

    /// <summary>Taken beside it while it is rotated. <c>INTERNAL_API_KEY_PREVIOUS</c>.</summary>
    public string? PreviousInternalApiKey { get; init; }

    public override string ToString() => $"{nameof(AuthSettings)} {{ {nameof(Authority)} = {Authority}, {nameof(Issuer)} = {Issuer}, {nameof(Audience)} = {Audience} }}";

    internal static AuthSettings Read(SettingsReader reader)
    {
        const string secretExample = "the output of `openssl rand -base64 48`";
        var secret = reader.Optional("JWT_SECRET");
        var authority = reader.Optional("JWT_AUTHORITY");
        var issuer = reader.Optional("JWT_ISSUER");
        var audience = reader.Optional("JWT_AUDIENCE");

        if (secret is null && authority is null)
        {
            reader.Contradiction("JWT_SECRET", $"missing, and so is JWT_AUTHORITY; it wants a shared secret of at least 32 bytes (or JWT_AUTHORITY an OpenID issuer), for example {secretExample}");
        }
        else if (secret is not null && authority is not null)
        {
            // Which of the two a token was meant for would decide who may sign it; that is no choice to leave open.
            reader.Contradiction("JWT_SECRET", "set beside JWT_AUTHORITY; it wants only one of the two, for example JWT_AUTHORITY alone");
        }

        if (secret is not null && System.Text.Encoding.UTF8.GetByteCount(secret) < 32)
        {
            reader.Malformed("JWT_SECRET", "at least 32 bytes", secretExample);
        }

        var previousSecret = reader.Optional("JWT_SECRET_PREVIOUS");
        if (previousSecret is not null && (secret is null || System.Text.Encoding.UTF8.GetByteCount(previousSecret) < 32))
        {
            reader.Malformed("JWT_SECRET_PREVIOUS", "the JWT_SECRET of before (at least 32 bytes), beside the new one", secretExample);
        }

        if (authority is not null)
        {
            const string authorityExample = "https://login.example.com/realms/shop";
            if (!Addresses.IsHttpsOrLoopback(authority, out _))
            {
                reader.Malformed("JWT_AUTHORITY", "an OpenID issuer's https address (http only on loopback)", authorityExample);
            }

            issuer = reader.Required("JWT_ISSUER", "the iss of the tokens, since JWT_AUTHORITY is set", authorityExample);
            audience = reader.Required("JWT_AUDIENCE", "the aud of the tokens, since JWT_AUTHORITY is set", "payments");
        }

        var internalKey = reader.Required("INTERNAL_API_KEY", "at least 16 printable characters that your own services send in X-Internal-Api-Key", secretExample);
        if (internalKey.Length > 0 && !IsKey(internalKey))
        {
            reader.Malformed("INTERNAL_API_KEY", "at least 16 printable ASCII characters", secretExample);
        }

        var previousKey = reader.Optional("INTERNAL_API_KEY_PREVIOUS");
        if (previousKey is not null && !IsKey(previousKey))
        {
            reader.Malformed("INTERNAL_API_KEY_PREVIOUS", "the INTERNAL_API_KEY of before (at least 16 printable ASCII characters)", secretExample);
        }

        return new AuthSettings
        {
            Secret = secret, PreviousSecret = previousSecret, Authority = authority, Issuer = issuer, Audience = audience, InternalApiKey = internalKey, PreviousInternalApiKey = previousKey,
        };
    }

    private static bool IsKey(string text) => text.Length >= 16 && text.All(c => c is >= ' ' and < '\x7f');
}

/// <summary>Who may call from where, and how often.</summary>
public sealed record EdgeSettings
{
    /// <summary>CORS origins: scheme, host and port. <c>FRONTEND_URL</c>.</summary>
    public required IReadOnlyList<string> FrontendOrigins { get; init; }

    /// <summary>Whose forwarded headers are believed; empty: nobody's. <c>TRUSTED_PROXIES</c>.</summary>
    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    /// <summary>Guards <c>webhooks/stripe/{token}</c>. <c>STRIPE_WEBHOOK_PATH_TOKEN</c>.</summary>
    public string? WebhookPathToken { get; init; }

    /// <summary>Requests a second that a caller may go on making. <c>RATE_LIMIT_PER_SECOND</c>.</summary>
    public required int RateLimitPerSecond { get; init; }

    /// <summary>Requests a caller may make at once. <c>RATE_LIMIT_BURST</c>.</summary>
    public required int RateLimitBurst { get; init; }

    /// <summary>Where plain http is sent on to. <c>HTTPS_PORT</c>, default 443.</summary>
    public required int HttpsPort { get; init; }

    public override string ToString() =>
        $"{nameof(EdgeSettings)} {{ {nameof(FrontendOrigins)} = {string.Join(',', FrontendOrigins)}, {nameof(TrustedProxies)} = {string.Join(',', TrustedProxies)}, {nameof(RateLimitPerSecond)} = {RateLimitPerSecond}, {nameof(RateLimitBurst)} = {RateLimitBurst} }}";

    internal static EdgeSettings Read(SettingsReader reader)
    {
        var perSecond = reader.Whole("RATE_LIMIT_PER_SECOND", 100, 1, 1_000_000);
        var burst = reader.Whole("RATE_LIMIT_BURST", Math.Max(300, perSecond), 1, 10_000_000);
        return new EdgeSettings
        {
            FrontendOrigins = OriginsOf(reader),
            TrustedProxies = ProxiesOf(reader),
            WebhookPathToken = PathTokenOf(reader),
            RateLimitPerSecond = perSecond,
            RateLimitBurst = burst,
            HttpsPort = reader.Whole("HTTPS_PORT", 443, 1, 65_535),
        };
    }

    private static List<string> OriginsOf(SettingsReader reader)
    {
        const string wants = "the web app's address, or several comma-separated: scheme, host and port, no path, no *";
        const string example = "https://app.example.com";
        var origins = new List<string>();
        if (reader.Required("FRONTEND_URL", wants, example).Length == 0)
        {
            return origins;
        }

        foreach (var text in reader.List("FRONTEND_URL"))
        {
            if (Addresses.IsHttp(text, out var uri) && uri.PathAndQuery == "/" && uri.Fragment.Length == 0 && !text.Contains('*', StringComparison.Ordinal))
            {
                // As a browser writes it in Origin: lower case, no default port, no last slash.
                origins.Add(uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped));
            }
            else
            {
                reader.Malformed("FRONTEND_URL", wants, example);
                break;
            }
        }

        return origins;
    }

    private static List<IPNetwork> ProxiesOf(SettingsReader reader)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in reader.List("TRUSTED_PROXIES"))
        {
            if (IPAddress.TryParse(text, out var address))
            {
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else if (IPNetwork.TryParse(text, out var network))
            {
                networks.Add(network);
            }
            else
            {
                reader.Malformed("TRUSTED_PROXIES", "addresses or networks, comma-separated", "10.0.0.0/8, 192.168.1.4");
                break;
            }
        }

        return networks;
    }

    private static string? PathTokenOf(SettingsReader reader)
    {
        var token = reader.Optional("STRIPE_WEBHOOK_PATH_TOKEN");
        if (token is not null && !(token.Length is >= 16 and <= 128 && token.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
        {
            reader.Malformed("STRIPE_WEBHOOK_PATH_TOKEN", "16 to 128 letters, digits, - or _ (it is a part of the address)", "the output of `openssl rand -hex 24`");
        }

        return token;
    }
}

public sealed record MailSettings
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>An address with or without a name. <c>MAIL_FROM</c>.</summary>
    public required string From { get; init; }

    public override string ToString() => $"{nameof(MailSettings)} {{ {nameof(Host)} = {Host}, {nameof(Port)} = {Port}, {nameof(From)} = {From} }}";

    internal static MailSettings? Read(SettingsReader reader)
    {
        const string wants = "smtp://[user:password@]host[:port]; STARTTLS is used when the server offers it";
        const string example = "smtp://user:secret@mail.example.com:587";
        var from = reader.Optional("MAIL_FROM") ?? "Payments <no-reply@localhost>";
        if (!System.Net.Mail.MailAddress.TryCreate(from, out _))
        {
            reader.Malformed("MAIL_FROM", "an email address, with or without a name", "Shop <billing@example.com>");
        }

        if (reader.Optional("SMTP_URL") is not { } text)
        {
            return null;
        }

        if (text.StartsWith("smtps://", StringComparison.OrdinalIgnoreCase))
        {
            reader.Contradiction("SMTP_URL", $"smtps:// (TLS from the first byte, port 465) is not spoken here: .NET's SMTP client only does STARTTLS; it wants {wants}, for example {example}");
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme != "smtp" || uri.Host.Length == 0 || uri.PathAndQuery is not ("" or "/") || uri.Fragment.Length > 0)
        {
            reader.Malformed("SMTP_URL", wants, example);
            return null;
        }

        var credentials = uri.UserInfo.Split(':', 2);
        return new MailSettings
        {
            Host = uri.IdnHost,
            // Whoever logs in submits (587); without a login it is a relay (25).
            Port = uri.Port > 0 && !uri.IsDefaultPort ? uri.Port : HasPort(text) ? uri.Port : uri.UserInfo.Length > 0 ? 587 : 25,
            User = uri.UserInfo.Length > 0 ? Uri.UnescapeDataString(credentials[0]) : null,
            Password = credentials.Length == 2 ? Uri.UnescapeDataString(credentials[1]) : null,
            From = from,
        };
    }

    // .NET takes 25 for smtp's default port, so a port written out as 25 looks like none.
    private static bool HasPort(string text) => text.TrimEnd('/').EndsWith(":25", StringComparison.Ordinal);
}

public sealed record BrokerSettings
{
    /// <summary>amqp(s)://user:password@host:port/vhost. <c>RABBITMQ_URL</c>.</summary>
    public required Uri Url { get; init; }

    public override string ToString() => $"{nameof(BrokerSettings)} {{ Host = {Url.Host} }}";

    internal static BrokerSettings? Read(SettingsReader reader)
    {
        if (reader.Optional("RABBITMQ_URL") is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "amqp" or "amqps" && url.Host.Length > 0)
        {
            return new BrokerSettings { Url = url };
        }

        reader.Malformed("RABBITMQ_URL", "amqp:// or amqps://user:password@host:port/vhost", "amqp://guest:guest@localhost:5672/");
        return null;
    }
}

public sealed record TelemetrySettings
{
    /// <summary>The collector. <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>OTLP as protobuf over HTTP rather than gRPC. <c>OTEL_EXPORTER_OTLP_PROTOCOL</c>.</summary>
    public required bool OverHttp { get; init; }

    /// <summary>Headers for the collector, <c>name=value,…</c>: often a key. <c>OTEL_EXPORTER_OTLP_HEADERS</c>.</summary>
    public string? Headers { get; init; }

    public override string ToString() => $"{nameof(TelemetrySettings)} {{ Host = {Endpoint.Host} }}";

    internal static TelemetrySettings? Read(SettingsReader reader)
    {
        var protocol = reader.Optional("OTEL_EXPORTER_OTLP_PROTOCOL") ?? "grpc";
        if (protocol is not ("grpc" or "http/protobuf"))
        {
            reader.Malformed("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc or http/protobuf", "grpc");
        }

        if (reader.Optional("OTEL_EXPORTER_OTLP_ENDPOINT") is not { } text)
        {
            return null;
        }

        if (Addresses.IsHttp(text, out var endpoint))
        {
            return new TelemetrySettings { Endpoint = endpoint, OverHttp = protocol == "http/protobuf", Headers = reader.Optional("OTEL_EXPORTER_OTLP_HEADERS") };
        }

        reader.Malformed("OTEL_EXPORTER_OTLP_ENDPOINT", "the collector's http or https address", "http://localhost:4317");
        return null;
    }
}
