using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Npgsql;
using Payments.Api.Edge;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;
using Payments.Infrastructure.Configuration;

namespace Payments.Api.Tests.Edge;

public sealed class Reading_the_settings
{
    private static readonly Dictionary<string, string?> Least = new()
    {
        ["STRIPE_SECRET_KEY"] = "sk_test_verysecretkey",
        ["STRIPE_WEBHOOK_SECRET"] = "whsec_verysecrethook",
        ["STRIPE_SUCCESS_URL"] = "https://app.example.com/success",
        ["STRIPE_CANCEL_URL"] = "https://app.example.com/cancel",
        ["DATABASE_URL"] = "postgres://payments:verysecretpassword@db.example.com/payments",
        ["JWT_SECRET"] = "verysecret-jwt-secret-of-more-than-32-bytes",
        ["INTERNAL_API_KEY"] = "verysecret-internal-key",
        ["FRONTEND_URL"] = "https://app.example.com",
    };

    [Fact]
    public void The_required_ones_are_enough_and_the_rest_has_defaults()
    {
        var settings = Read();

        settings.Gateway.ApiBase.ShouldBe("https://api.stripe.com");
        settings.Gateway.IsLoopback.ShouldBeFalse();
        settings.Gateway.WebhookSecrets.ShouldBe(["whsec_verysecrethook"]);
        settings.Database.PoolSize.ShouldBe(24);
        settings.Edge.RateLimitPerSecond.ShouldBe(100);
        settings.Edge.RateLimitBurst.ShouldBe(300);
        settings.Mail.ShouldBeNull();
        settings.Broker.ShouldBeNull();
        settings.Telemetry.ShouldBeNull();
        settings.Checkout.Enabled.ShouldBeTrue();
        settings.Checkout.SessionLifetime.ShouldBe(TimeSpan.FromHours(24));
        settings.Checkout.CreditUnitPrice.ShouldBe(new Money(10, Currency.Of("usd")));
        settings.Credits.HoldLifetime.ShouldBe(TimeSpan.FromMinutes(15));
    }

    [Fact]
    public void People_are_told_in_time_unless_it_is_switched_off()
    {
        Read().Subscriptions.Notices.ShouldBe(new NoticeTerms(TimeSpan.FromDays(3), TimeSpan.FromDays(1), TimeSpan.FromDays(7)));
        Read().Cards.ExpiryNotice.ShouldBe(TimeSpan.FromDays(31));

        var set = Read(("NOTICE_TRIAL_ENDING_DAYS", "5"), ("NOTICE_GRACE_ENDING_DAYS", "0"), ("NOTICE_RENEWAL_DAYS", "0"), ("NOTICE_CARD_EXPIRING_DAYS", "0"));

        set.Subscriptions.Notices.ShouldBe(new NoticeTerms(TimeSpan.FromDays(5), null, null));
        set.Cards.ExpiryNotice.ShouldBeNull();
    }

    [Fact]
    public void All_that_is_missing_is_named_at_once()
    {
        var holes = Should.Throw<SettingsException>(() => Settings.Read(new ConfigurationBuilder().Build()));

        holes.Problems.Count.ShouldBe(Least.Count);
        foreach (var name in Least.Keys)
        {
            holes.Problems.ShouldContain(problem => problem.StartsWith(name + ": missing", StringComparison.Ordinal) && problem.Contains("it wants", StringComparison.Ordinal) && problem.Contains("for example", StringComparison.Ordinal), name);
            holes.Message.ShouldContain(name);
        }
    }

    [Fact]
    public void Blank_is_missing() => Problem("JWT_SECRET", "  ").ShouldContain("missing");

    [Theory]
    [InlineData("STRIPE_SECRET_KEY", "pk_test_verysecret")]
    [InlineData("STRIPE_SECRET_KEY", "sk_test_")]
    [InlineData("STRIPE_SECRET_KEY", "sk_test_very secret")]
    [InlineData("STRIPE_PUBLISHABLE_KEY", "sk_test_verysecret")]
    [InlineData("STRIPE_PUBLISHABLE_KEY", "pk_live_verysecret")]
    [InlineData("STRIPE_WEBHOOK_SECRET", "verysecret")]
    [InlineData("STRIPE_WEBHOOK_SECRET", "whsec_verysecret,verysecret")]
    [InlineData("STRIPE_WEBHOOK_SECRET", ",")]
    [InlineData("STRIPE_SUCCESS_URL", "/success")]
    [InlineData("STRIPE_SUCCESS_URL", "javascript:alert(1)")]
    [InlineData("STRIPE_CANCEL_URL", "app.example.com/cancel")]
    [InlineData("STRIPE_API_BASE", "http://api.example.com")]
    [InlineData("STRIPE_API_BASE", "https://api.example.com/v1")]
    [InlineData("STRIPE_API_BASE", "https://verysecret@api.example.com")]
    [InlineData("STRIPE_ACCOUNT_ID", "1032D82eZvKYlo2C")]
    [InlineData("STRIPE_WEBHOOK_PATH_TOKEN", "short")]
    [InlineData("STRIPE_WEBHOOK_PATH_TOKEN", "verysecret/with/slashes")]
    [InlineData("DATABASE_URL", "mysql://verysecret@host/db")]
    [InlineData("DATABASE_URL", "postgres://user:verysecret@host")]
    [InlineData("DATABASE_URL", "postgres://user:verysecret@host:x/db")]
    [InlineData("DATABASE_URL", "postgres://user:verysecret@host:70000/db")]
    [InlineData("DATABASE_URL", "postgres://user:very?secret@host/db")]
    [InlineData("DATABASE_URL", "postgres://user:verysecret@host/db?sslmode=maybe")]
    [InlineData("DATABASE_URL", "postgres://user:verysecret@host/db?schema=public")]
    [InlineData("DATABASE_URL", "Host=h;Database=d;Nonsense=verysecret")]
    [InlineData("DATABASE_URL", "Host=h;Password=verysecret")]
    [InlineData("DATABASE_POOL_SIZE", "1")]
    [InlineData("DATABASE_POOL_SIZE", "many")]
    [InlineData("JWT_SECRET", "verysecret")]
    [InlineData("INTERNAL_API_KEY", "verysecret")]
    [InlineData("JWT_SECRET_PREVIOUS", "verysecret")]
    [InlineData("INTERNAL_API_KEY_PREVIOUS", "verysecret")]
    [InlineData("FRONTEND_URL", "*")]
    [InlineData("FRONTEND_URL", "https://*.example.com")]
    [InlineData("FRONTEND_URL", "https://app.example.com/path")]
    [InlineData("FRONTEND_URL", "https://app.example.com,app2")]
    [InlineData("SMTP_URL", "smtps://user:verysecret@host")]
    [InlineData("SMTP_URL", "mail.example.com:25")]
    [InlineData("SMTP_URL", "http://mail.example.com")]
    [InlineData("MAIL_FROM", "nobody")]
    [InlineData("RABBITMQ_URL", "http://verysecret@host")]
    [InlineData("TRUSTED_PROXIES", "10.0.0.0/33")]
    [InlineData("TRUSTED_PROXIES", "proxy.example.com")]
    [InlineData("CHECKOUT_ENABLED", "maybe")]
    [InlineData("CHECKOUT_SESSION_MINUTES", "29")]
    [InlineData("CHECKOUT_SESSION_MINUTES", "1441")]
    [InlineData("CREDIT_UNIT_PRICE", "0")]
    [InlineData("CREDIT_UNIT_PRICE", "1.5")]
    [InlineData("CREDIT_CURRENCY", "dollars")]
    [InlineData("CREDIT_CURRENCY", "zzz")]
    [InlineData("CREDIT_MIN", "0")]
    [InlineData("CREDIT_MIN", "4")]
    [InlineData("CHECKOUT_ALLOWED_USERS", "verysecret")]
    [InlineData("CHECKOUT_ALLOWED_USERS", "ada@example.com,@")]
    [InlineData("CREDIT_MAX", "5")]
    [InlineData("CREDIT_HOLD_MINUTES", "0")]
    [InlineData("NOTICE_TRIAL_ENDING_DAYS", "61")]
    [InlineData("NOTICE_GRACE_ENDING_DAYS", "-1")]
    [InlineData("NOTICE_RENEWAL_DAYS", "soon")]
    [InlineData("NOTICE_CARD_EXPIRING_DAYS", "366")]
    [InlineData("RATE_LIMIT_PER_SECOND", "0")]
    [InlineData("RATE_LIMIT_BURST", "-1")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier-pigeon")]
    public void A_malformed_one_is_named_with_what_it_wants_and_never_its_value(string name, string value)
    {
        var problem = Problem(name, value);

        problem.ShouldContain("it wants");
        problem.ShouldContain("for example");
        problem.ShouldNotContain("verysecret");
    }

    [Theory]
    [InlineData("CREDIT_UNIT_PRICE", "4")]
    [InlineData("CREDIT_CURRENCY", "czk")]
    public void One_that_makes_the_least_purchase_cost_less_than_the_provider_takes_says_how_many_credits_it_wants(string name, string value) =>
        Should.Throw<SettingsException>(() => Read((name, value))).Problems.ShouldHaveSingleItem().ShouldStartWith("CREDIT_MIN: ");

    [Fact]
    public void Implicit_tls_for_mail_is_refused_with_the_reason() => Problem("SMTP_URL", "smtps://mail.example.com").ShouldContain("STARTTLS");

    [Fact]
    public void A_live_key_never_goes_over_http()
    {
        var holes = Should.Throw<SettingsException>(() => Read(("STRIPE_SECRET_KEY", "sk_live_verysecretkey"), ("STRIPE_API_BASE", "http://127.0.0.1:12111")));

        holes.Problems.ShouldHaveSingleItem().ShouldStartWith("STRIPE_API_BASE: ");
    }

    [Fact]
    public void An_authority_wants_issuer_and_audience_too()
    {
        var holes = Should.Throw<SettingsException>(() => Read(("JWT_SECRET", null), ("JWT_AUTHORITY", "http://login.example.com")));

        holes.Problems.Select(problem => problem[..problem.IndexOf(':', StringComparison.Ordinal)]).ShouldBe(["JWT_AUTHORITY", "JWT_ISSUER", "JWT_AUDIENCE"], ignoreOrder: true);
        Read(("JWT_SECRET", null), ("JWT_AUTHORITY", "https://login.example.com"), ("JWT_ISSUER", "https://login.example.com"), ("JWT_AUDIENCE", "payments"))
            .Auth.Authority.ShouldBe("https://login.example.com");
    }

    [Fact]
    public void A_shared_secret_and_an_authority_are_one_too_many()
    {
        var holes = Should.Throw<SettingsException>(() => Read(("JWT_AUTHORITY", "https://login.example.com"), ("JWT_ISSUER", "https://login.example.com"), ("JWT_AUDIENCE", "payments")));

        holes.Problems.ShouldHaveSingleItem().ShouldStartWith("JWT_SECRET: ");
    }

    [Theory]
    [InlineData("https://a.example.com/s", "https://a.example.com/s?session_id={CHECKOUT_SESSION_ID}")]
    [InlineData("https://a.example.com/s?x=1", "https://a.example.com/s?x=1&session_id={CHECKOUT_SESSION_ID}")]
    [InlineData("https://a.example.com/s?", "https://a.example.com/s?session_id={CHECKOUT_SESSION_ID}")]
    [InlineData("https://a.example.com/s#done", "https://a.example.com/s?session_id={CHECKOUT_SESSION_ID}#done")]
    [InlineData("https://a.example.com/#/s", "https://a.example.com/?session_id={CHECKOUT_SESSION_ID}#/s")]
    [InlineData("https://a.example.com/{CHECKOUT_SESSION_ID}/s", "https://a.example.com/{CHECKOUT_SESSION_ID}/s")]
    [InlineData("https://a.example.com/s?id={CHECKOUT_SESSION_ID}&x=ü", "https://a.example.com/s?id={CHECKOUT_SESSION_ID}&x=ü")]
    public void The_success_url_stays_text_and_gets_the_sessions_place(string configured, string used) => Read(("STRIPE_SUCCESS_URL", configured)).Checkout.SuccessUrl.ShouldBe(used);

    [Theory]
    [InlineData("postgres://u:p@h/d", "h", 5432, "u", "p", "d")]
    [InlineData("postgresql://u:p@h:6543/d", "h", 6543, "u", "p", "d")]
    [InlineData("postgres://us%40er:p%3A%2F%3F%40%25ss@h/my%20db", "h", 5432, "us@er", "p:/?@%ss", "my db")]
    [InlineData("postgres://u:p:with:colons@h/d", "h", 5432, "u", "p:with:colons", "d")]
    [InlineData("postgres://u:p@ss@h/d", "h", 5432, "u", "p@ss", "d")]
    [InlineData("postgres://u@[::1]:6543/d", "::1", 6543, "u", null, "d")]
    [InlineData("postgres://u@%2Fvar%2Frun%2Fpostgresql/d", "/var/run/postgresql", 5432, "u", null, "d")]
    [InlineData("postgres:///d?host=/tmp/pg&port=6000&user=u", "/tmp/pg", 6000, "u", null, "d")]
    [InlineData("postgres://h/d", "h", 5432, null, null, "d")]
    [InlineData("Host=h;Port=7000;Username=u;Password=p;Database=d", "h", 7000, "u", "p", "d")]
    public void A_database_url_is_translated(string url, string host, int port, string? user, string? password, string database)
    {
        var builder = new NpgsqlConnectionStringBuilder(Read(("DATABASE_URL", url)).Database.ConnectionString);

        (builder.Host, builder.Port, builder.Username, builder.Password, builder.Database).ShouldBe((host, port, user, password, database));
        builder.MaxPoolSize.ShouldBe(24);
    }

    [Fact]
    public void A_database_urls_parameters_are_translated()
    {
        var builder = new NpgsqlConnectionStringBuilder(Read(
            ("DATABASE_URL", "postgres://u:p@h1:1,h2:2/d?sslmode=verify-full&sslrootcert=/ca.pem&application_name=shop&connect_timeout=7&channel_binding=require&target_session_attrs=primary"),
            ("DATABASE_POOL_SIZE", "40")).Database.ConnectionString);

        builder.Host.ShouldBe("h1:1,h2:2");
        builder.SslMode.ShouldBe(SslMode.VerifyFull);
        builder.RootCertificate.ShouldBe("/ca.pem");
        builder.ApplicationName.ShouldBe("shop");
        builder.Timeout.ShouldBe(7);
        builder.ChannelBinding.ShouldBe(ChannelBinding.Require);
        builder.TargetSessionAttributes.ShouldBe("primary");
        builder.MaxPoolSize.ShouldBe(40);
    }

    [Theory]
    [InlineData("smtp://mail.example.com", "mail.example.com", 25, null, null)]
    [InlineData("smtp://127.0.0.1:1025", "127.0.0.1", 1025, null, null)]
    [InlineData("smtp://us%40er:p%3Ass@mail.example.com", "mail.example.com", 587, "us@er", "p:ss")]
    [InlineData("smtp://u:p@mail.example.com:25/", "mail.example.com", 25, "u", "p")]
    public void Mail_goes_where_the_url_says(string url, string host, int port, string? user, string? password)
    {
        var mail = Read(("SMTP_URL", url)).Mail!;

        (mail.Host, mail.Port, mail.User, mail.Password).ShouldBe((host, port, user, password));
    }

    [Theory]
    [InlineData("CREDIT_UNIT_PRICE", "4", "13")]
    [InlineData("CREDIT_CURRENCY", "czk", "150")]
    public void The_least_that_can_be_bought_is_no_less_than_the_provider_takes(string name, string value, string wanted) =>
        Problem(name, value, "CREDIT_MIN").ShouldContain($"it wants {wanted} or more");

    [Fact]
    public void Lists_are_split_and_origins_are_as_browsers_write_them()
    {
        var settings = Read(
            ("FRONTEND_URL", "https://App.Example.com:443/, http://localhost:5173"),
            ("STRIPE_WEBHOOK_SECRET", "whsec_verysecretold , whsec_verysecretnew"),
            ("TRUSTED_PROXIES", "10.0.0.0/8, 192.168.1.4,::1"),
            ("CHECKOUT_ALLOWED_USERS", "Ada@Example.com, 0197A000-0000-7000-8000-000000000001"),
            ("CHECKOUT_ENABLED", "false"));

        settings.Edge.FrontendOrigins.ShouldBe(["https://app.example.com", "http://localhost:5173"]);
        settings.Gateway.WebhookSecrets.ShouldBe(["whsec_verysecretold", "whsec_verysecretnew"]);
        settings.Edge.TrustedProxies.Select(proxy => proxy.ToString()).ShouldBe(["10.0.0.0/8", "192.168.1.4/32", "::1/128"]);
        settings.Checkout.AllowedUsers.ShouldBe(["ada@example.com", "0197a000-0000-7000-8000-000000000001"], ignoreOrder: true);
        settings.Checkout.Enabled.ShouldBeFalse();
    }

    [Fact]
    public void A_provider_on_loopback_is_known_as_one() => Read(("STRIPE_API_BASE", "http://127.0.0.1:12111/")).Gateway.ShouldSatisfyAllConditions(
        gateway => gateway.IsLoopback.ShouldBeTrue(),
        gateway => gateway.ApiBase.ShouldBe("http://127.0.0.1:12111"));

    [Fact]
    public void No_secret_shows_when_they_are_printed()
    {
        var settings = Read(
            ("SMTP_URL", "smtp://user:verysecret@mail.example.com"),
            ("RABBITMQ_URL", "amqp://user:verysecret@mq.example.com/"),
            ("STRIPE_WEBHOOK_PATH_TOKEN", "verysecret-path-token"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=verysecret"));

        settings.ToString().ShouldNotContain("verysecret");
        settings.ToString().ShouldContain("mail.example.com");
    }

    private static Settings Read(params (string Name, string? Value)[] changes)
    {
        var all = new Dictionary<string, string?>(Least);
        foreach (var (name, value) in changes)
        {
            all[name] = value;
        }

        return Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(all).Build());
    }

    private static string Problem(string name, string value, string? named = null)
    {
        var problem = Should.Throw<SettingsException>(() => Read((name, value))).Problems.ShouldHaveSingleItem();
        problem.ShouldStartWith((named ?? name) + ": ");
        return problem;
    }
}

public sealed class Starting_with_holes_in_the_settings
{
    [Fact]
    public async Task The_process_stops_and_names_each_of_them_on_stderr()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(EdgeOptions).Assembly.Location]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var name in start.Environment.Keys.Where(name => name.Contains('_', StringComparison.Ordinal) && name.All(c => char.IsAsciiLetterUpper(c) || c == '_') && !name.StartsWith("DOTNET_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["STRIPE_SECRET_KEY"] = "verysecret";
        start.Environment["CHECKOUT_SESSION_MINUTES"] = "5";
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(78);
        foreach (var name in new[] { "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_SUCCESS_URL", "STRIPE_CANCEL_URL", "DATABASE_URL", "JWT_SECRET", "INTERNAL_API_KEY", "FRONTEND_URL", "CHECKOUT_SESSION_MINUTES" })
        {
            error.ShouldContain("  " + name + ": ");
        }

        error.ShouldNotContain("verysecret");
        error.ShouldNotContain("   at "); // A message, not a stack trace.
    }
}

public sealed class Running_the_built_service
{
    // The name of the build's property is easily mistaken, and nothing else would say so: the collector for servers takes 50 MB more.
    [Fact]
    public void It_collects_as_a_workstation()
    {
        using var built = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Payments.Api.runtimeconfig.json")));
        var settings = built.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");

        settings.GetProperty("System.GC.Server").GetBoolean().ShouldBeFalse();
        settings.GetProperty("System.GC.Concurrent").GetBoolean().ShouldBeTrue();
        settings.GetProperty("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit").GetInt32().ShouldBe(0);
    }
}
