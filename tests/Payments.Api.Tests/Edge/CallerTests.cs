using System.IdentityModel.Tokens.Jwt;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using Payments.Api.Edge.Identity;
using Payments.Domain.Shared;

namespace Payments.Api.Tests.Edge;

public sealed class Calling_with_a_token(EdgeHost host) : IClassFixture<EdgeHost>
{
    private static readonly string[] AdminAndSupport = ["admin", "support"];

    [Fact]
    public async Task A_valid_token_names_the_user()
    {
        var answer = await host.GetAsync("/probe/user", EdgeHost.Token(claims: EdgeHost.Claims(("email", "ada@example.com"), ("name", "Ada"), ("roles", AdminAndSupport))));

        answer.Status.ShouldBe(200, answer.Body);
        ((Guid)answer.Json["id"]!).ShouldBe(EdgeHost.Ada);
        ((string?)answer.Json["email"]).ShouldBe("ada@example.com");
        ((string?)answer.Json["name"]).ShouldBe("Ada");
        ((bool)answer.Json["admin"]!).ShouldBeTrue();
        ((bool)answer.Json["support"]!).ShouldBeTrue();
    }

    [Fact]
    public async Task Roles_may_be_a_single_text()
    {
        var answer = await host.GetAsync("/probe/user", EdgeHost.Token(claims: EdgeHost.Claims(("roles", "admin"))));

        ((bool)answer.Json["admin"]!).ShouldBeTrue();
        ((bool)answer.Json["support"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task No_token_is_401() => (await host.GetAsync("/probe/user")).ShouldBeProblem(401, "auth.required").Header("WWW-Authenticate").ShouldBe("Bearer");

    public static TheoryData<string, string> Refused() => new()
    {
        { "expired", EdgeHost.Token(expiresIn: TimeSpan.FromMinutes(-2)) },
        { "signed with another key", EdgeHost.Token(credentials: EdgeHost.Signed("another-shared-secret-of-more-than-32-bytes")) },
        { "not yet valid", EdgeHost.Token(claims: EdgeHost.Claims(("nbf", DateTimeOffset.UtcNow.AddMinutes(50).ToUnixTimeSeconds()))) },
        { "without an end", WithoutExpiry() },
        { "of another algorithm under the right key", EdgeHost.Token(credentials: EdgeHost.Signed(EdgeHost.JwtSecret + EdgeHost.JwtSecret, SecurityAlgorithms.HmacSha512)) },
        { "of HS512 under the very key", EdgeHost.Token(credentials: EdgeHost.Signed(EdgeHost.JwtSecret, SecurityAlgorithms.HmacSha384)) },
        { "unsigned (alg none)", Unsigned("none") },
        { "unsigned (alg None)", Unsigned("None") },
        { "without a subject", EdgeHost.Token(sub: "") },
        { "with two subjects", EdgeHost.Token(claims: EdgeHost.Claims(("sub", new[] { EdgeHost.Ada.ToString(), "other" }))) },
        { "with a changed payload", Tampered() },
        { "garbage", "abc" },
        { "three dots of garbage", "a.b.c" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_bad_token_is_401(string why, string token) =>
        (await host.GetAsync("/probe/user", token)).ShouldBeProblem(401, "auth.required").Header("WWW-Authenticate").ShouldNotBeNull(why);

    [Fact]
    public async Task A_token_that_ended_within_the_clocks_skew_still_passes() =>
        (await host.GetAsync("/probe/user", EdgeHost.Token(expiresIn: TimeSpan.FromSeconds(-1)))).Status.ShouldBe(200);

    [Fact]
    public async Task A_bad_token_on_an_open_action_is_an_anonymous_caller() => (await host.GetAsync("/probe/open", "abc")).Status.ShouldBe(200);

    [Theory]
    [InlineData("admin", "admin staff support finance")]
    [InlineData("support", "staff support")]
    [InlineData("finance", "staff finance")]
    [InlineData("internal", "")]
    [InlineData("", "")]
    public async Task Roles_open_what_is_theirs_and_nothing_else(string role, string opens)
    {
        foreach (var action in new[] { "admin", "support", "finance", "staff" })
        {
            var answer = await host.GetAsync("/probe/" + action, EdgeHost.TokenOf(role));
            if (opens.Split(' ').Contains(action))
            {
                answer.Status.ShouldBe(200, $"{role} at {action}");
            }
            else
            {
                answer.ShouldBeProblem(403, "auth.forbidden");
            }
        }
    }

    [Fact]
    public async Task A_token_whose_roles_say_internal_is_no_internal_service() =>
        (await host.GetAsync("/probe/internal", EdgeHost.TokenOf("internal"))).ShouldBeProblem(401, "auth.required");

    [Fact]
    public async Task The_first_valid_token_introduces_the_user_and_later_ones_follow()
    {
        var sub = Guid.NewGuid();
        await host.GetAsync("/probe/user", EdgeHost.Token(sub.ToString(), EdgeHost.Claims(("email", "old@example.com"))));
        await host.GetAsync("/probe/staff", EdgeHost.Token(sub.ToString(), EdgeHost.Claims(("email", "new@example.com"), ("name", "New"), ("roles", "admin"))));

        host.Directory.Seen.Where(person => person.Id.Value == sub).ShouldBe([new(new UserId(sub), "old@example.com", null), new(new UserId(sub), "new@example.com", "New")]);
    }

    [Fact]
    public async Task A_refused_caller_or_an_open_action_introduces_nobody()
    {
        var sub = Guid.NewGuid();
        await host.GetAsync("/probe/admin", EdgeHost.Token(sub.ToString()));
        await host.GetAsync("/probe/open", EdgeHost.Token(sub.ToString()));
        await host.PostAsync("/api/v1/webhooks/probe", "{}", EdgeHost.Token(sub.ToString()));

        host.Directory.Seen.ShouldNotContain(person => person.Id.Value == sub);
    }

    [Fact]
    public async Task Asking_for_the_user_where_none_is_required_is_a_bug_and_says_so_only_in_the_log()
    {
        var answer = (await host.GetAsync("/probe/open-but-wants-user")).ShouldBeProblem(500, "internal");

        answer.Body.ShouldNotContain("Policies");
        host.Logs.All.ShouldContain("open to callers without a user token");
    }

    private static string WithoutExpiry() => new JwtSecurityTokenHandler().WriteToken(
        new JwtSecurityToken(new JwtHeader(EdgeHost.Signed(EdgeHost.JwtSecret)), new JwtPayload { ["sub"] = EdgeHost.Ada.ToString() }));

    private static string Unsigned(string algorithm)
    {
        var header = Base64UrlEncoder.Encode($$"""{"alg":"{{algorithm}}","typ":"JWT"}""");
        var payload = Base64UrlEncoder.Encode($$"""{"sub":"{{EdgeHost.Ada}}","exp":{{DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds()}}}""");
        return $"{header}.{payload}.";
    }

    private static string Tampered()
    {
        var parts = EdgeHost.Token().Split('.');
        parts[1] = Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace(EdgeHost.Ada.ToString(), Guid.Empty.ToString(), StringComparison.Ordinal));
        return string.Join('.', parts);
    }
}

public sealed class Calling_with_the_internal_key(EdgeHost host) : IClassFixture<EdgeHost>
{
    private const string Header = "X-Internal-Api-Key";

    [Fact]
    public async Task The_right_key_passes() => (await host.GetAsync("/probe/internal", null, (Header, EdgeHost.InternalKey))).Status.ShouldBe(200);

    [Theory]
    [InlineData(EdgeHost.InternalKey + "x")]
    [InlineData("")]
    [InlineData("internal")]
    public async Task A_wrong_key_is_401(string key) => (await host.GetAsync("/probe/internal", null, (Header, key))).ShouldBeProblem(401, "auth.required");

    [Fact]
    public async Task The_key_sent_twice_is_401() =>
        (await host.RawAsync($"GET /probe/internal HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{Header}: {EdgeHost.InternalKey}\r\n{Header}: {EdgeHost.InternalKey}\r\n\r\n")).ShouldStartWith("HTTP/1.1 401");

    [Fact]
    public async Task No_key_is_401_and_says_which_header() => (await host.GetAsync("/probe/internal")).ShouldBeProblem(401, "auth.required").Header("WWW-Authenticate")!.ShouldContain(Header);

    [Theory]
    [InlineData("user")]
    [InlineData("admin")]
    public async Task The_key_is_no_user_and_no_admin(string action) => (await host.GetAsync("/probe/" + action, null, (Header, EdgeHost.InternalKey))).ShouldBeProblem(401, "auth.required");

    [Fact]
    public async Task A_wrong_key_beside_a_good_token_still_lets_the_user_in() =>
        (await host.GetAsync("/probe/user", EdgeHost.Token(), (Header, "wrong"))).Status.ShouldBe(200);
}

public sealed class Calling_with_a_required_issuer_and_audience
{
    [Fact]
    public async Task Another_issuer_or_audience_is_401()
    {
        var host = await EdgeHost.StartAsync(new EdgeHost { Options = EdgeHost.Standard(issuer: "https://issuer", audience: "payments") });
        try
        {
            (await host.GetAsync("/probe/user", Token("https://issuer", "payments"))).Status.ShouldBe(200);
            (await host.GetAsync("/probe/user", Token("https://issuer", "other"))).ShouldBeProblem(401, "auth.required");
            (await host.GetAsync("/probe/user", Token("https://other", "payments"))).ShouldBeProblem(401, "auth.required");
            (await host.GetAsync("/probe/user", EdgeHost.Token())).ShouldBeProblem(401, "auth.required");
        }
        finally
        {
            await host.DisposeAsync();
        }

        static string Token(string issuer, string audience) => EdgeHost.Token(claims: EdgeHost.Claims(("iss", issuer), ("aud", audience)));
    }
}

public sealed class Calling_with_an_issuers_token : IAsyncLifetime, IDisposable
{
    private readonly RSA rsa = RSA.Create(2048);
    private readonly RSA foreign = RSA.Create(2048);
    private WebApplication issuer = null!;
    private EdgeHost host = null!;
    private string address = null!;
    private bool issuerDown;

    [Fact]
    public async Task A_token_under_a_published_key_passes_and_a_subject_that_is_no_uuid_maps_to_one()
    {
        var first = await host.GetAsync("/probe/user", Token("auth0|ada"));
        var again = await host.GetAsync("/probe/user", Token("auth0|ada"));
        var other = await host.GetAsync("/probe/user", Token("auth0|grace"));

        first.Status.ShouldBe(200, first.Body);
        var id = (Guid)first.Json["id"]!;
        id.ShouldBe((Guid)again.Json["id"]!);
        id.ShouldNotBe((Guid)other.Json["id"]!);
        id.ShouldBe(UserIds.From(address, "auth0|ada").Value);
        id.Version.ShouldBe(5);
    }

    [Fact]
    public async Task A_token_under_a_foreign_key_is_401() =>
        (await host.GetAsync("/probe/user", Token("ada", Signing(foreign)))).ShouldBeProblem(401, "auth.required");

    [Fact]
    public async Task The_public_key_taken_for_a_shared_secret_is_401()
    {
        foreach (var secret in new[] { rsa.ExportSubjectPublicKeyInfoPem(), rsa.ExportRSAPublicKeyPem(), Base64UrlEncoder.Encode(rsa.ExportParameters(false).Modulus) })
        {
            var confused = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)) { KeyId = "k1" }, SecurityAlgorithms.HmacSha256);
            (await host.GetAsync("/probe/user", Token("ada", confused))).ShouldBeProblem(401, "auth.required");
        }
    }

    [Fact]
    public async Task An_issuer_out_of_reach_is_503_and_not_the_callers_fault()
    {
        issuerDown = true;

        (await host.GetAsync("/probe/user", Token("ada"))).ShouldBeProblem(503, "auth.issuer_unavailable").Header("Retry-After").ShouldNotBeNull();
    }

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        issuer = builder.Build();
        issuer.MapGet("/realm/.well-known/openid-configuration", () => issuerDown ? Results.StatusCode(500) : Results.Json(new { issuer = address, jwks_uri = address + "/keys" }));
        issuer.MapGet("/realm/keys", () =>
        {
            var key = rsa.ExportParameters(includePrivateParameters: false);
            return Results.Text(JsonSerializer.Serialize(new { keys = new[] { new { kty = "RSA", kid = "k1", use = "sig", alg = "RS256", n = Base64UrlEncoder.Encode(key.Modulus), e = Base64UrlEncoder.Encode(key.Exponent) } } }), "application/json");
        });
        await issuer.StartAsync();
        address = issuer.Urls.Single() + "/realm";
        host = await EdgeHost.StartAsync(new EdgeHost { Options = EdgeHost.Standard(authority: address, issuer: address, audience: "payments") });
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await issuer.DisposeAsync();
    }

    public void Dispose()
    {
        rsa.Dispose();
        foreign.Dispose();
    }

    // Uncached: the library's cache goes by key id, and every test makes new keys under the same one.
    private static SigningCredentials Signing(RSA key) => new(
        new RsaSecurityKey(key) { KeyId = "k1", CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } },
        SecurityAlgorithms.RsaSha256);

    private string Token(string sub, SigningCredentials? credentials = null) => EdgeHost.Token(
        sub,
        EdgeHost.Claims(("iss", address), ("aud", "payments")),
        credentials: credentials ?? Signing(rsa));
}

public sealed class Mapping_a_subject
{
    [Fact]
    public void A_uuid_stays_itself() => UserIds.From("https://issuer", "0197A000-0000-7000-8000-000000000001").Value.ShouldBe(EdgeHost.Ada);

    [Fact]
    public void Name_based_ids_are_those_of_RFC_9562() =>
        // RFC 9562, appendix A.4: www.example.com in the DNS namespace.
        UserIds.NameBased(Guid.Parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "www.example.com").ShouldBe(Guid.Parse("2ed6657d-e927-568b-95e1-2665a8aea6a2"));

    [Theory]
    [InlineData("42")]
    [InlineData("auth0|1234")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("0197a000000070008000000000000001")]
    [InlineData("{0197a000-0000-7000-8000-000000000001}")]
    public void Anything_else_maps_by_issuer_and_subject(string sub)
    {
        var mapped = UserIds.From("https://issuer", sub);

        mapped.ShouldBe(UserIds.From("https://issuer", sub));
        mapped.ShouldNotBe(UserIds.From("https://other", sub));
        mapped.Value.Version.ShouldBe(5);
    }

    [Fact]
    public void The_mapping_is_the_same_after_every_release() =>
        UserIds.From("https://issuer.example.com", "auth0|ada").Value.ShouldBe(Guid.Parse("67b63200-2c59-5eec-8faa-d5c25c93db8e"));
}

public sealed class Rotating_keys : IAsyncLifetime
{
    private const string OldSecret = "the-shared-secret-of-before-with-more-than-32-bytes";
    private const string OldKey = "internal-key-of-before-0123";

    private readonly EdgeHost host = new() { Options = EdgeHost.Standard(previousSecret: OldSecret, previousKey: OldKey) };

    public Task InitializeAsync() => host.InitializeAsync();

    public Task DisposeAsync() => host.DisposeAsync();

    [Theory]
    [InlineData(EdgeHost.JwtSecret, 200)]
    [InlineData(OldSecret, 200)]
    [InlineData("another-shared-secret-of-more-than-32-bytes", 401)]
    public async Task Tokens_of_the_new_and_of_the_old_secret_are_believed(string secret, int status) =>
        (await host.GetAsync("/probe/user", EdgeHost.Token(credentials: EdgeHost.Signed(secret)))).Status.ShouldBe(status);

    [Theory]
    [InlineData(EdgeHost.InternalKey, 200)]
    [InlineData(OldKey, 200)]
    [InlineData("internal-key-of-nobody-0123", 401)]
    public async Task The_new_and_the_old_internal_key_are_taken(string key, int status) =>
        (await host.GetAsync("/probe/internal", null, ("X-Internal-Api-Key", key))).Status.ShouldBe(status);
}
