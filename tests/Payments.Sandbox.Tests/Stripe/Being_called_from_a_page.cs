using System.Net;
using System.Text;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Being_called_from_a_page
{
    private static readonly (string Method, string Path)[] Controls =
    [
        ("POST", "/sandbox/clock"),
        ("POST", "/sandbox/faults"),
        ("DELETE", "/sandbox/faults"),
        ("POST", "/sandbox/deliveries/resend-undelivered"),
        ("POST", "/sandbox/deliveries/evt_1/resend"),
        ("POST", "/sandbox/intents/pi_1/authenticate"),
    ];

    [Theory]
    [InlineData("Origin", "https://evil.example.com")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Origin", "http://localhost.evil.example.com")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Another_origins_may_move_nothing(string header, string value)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var before = sandbox.Simulator.Now;
        foreach (var (method, path) in Controls)
        {
            // As a form or fetch in no-cors mode may send it, which no browser asks about first.
            using var content = new StringContent("""{ "advance": "P1D", "api": { "error": 1 } }""", Encoding.UTF8, "text/plain");
            var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
            request.Headers.Add(header, value);

            var answer = await sandbox.SendAsync(request);

            answer.Status.ShouldBe(HttpStatusCode.Forbidden, $"{method} {path}: {answer.Text}");
            answer["error.message"].ShouldNotBeNullOrEmpty();
        }

        (sandbox.Simulator.Now - before).ShouldBeLessThan(TimeSpan.FromHours(1));
        (await sandbox.GetAsync("/sandbox/faults"))["api.error"].ShouldBe("0");
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    [InlineData("Origin", "")]
    [InlineData(null, null)]
    public async Task Its_own_may_and_so_may_who_is_no_browser(string? header, string? value)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, "/sandbox/clock") { Content = new StringContent("""{ "advance": "PT1M" }""", Encoding.UTF8, "application/json") };
        if (header is not null)
        {
            request.Headers.Add(header, value!.Length > 0 ? value : sandbox.Simulator.Address.GetLeftPart(UriPartial.Authority));
        }

        (await sandbox.SendAsync(request)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/sandbox/truth")]
    [InlineData("/sandbox/deliveries")]
    [InlineData("/sandbox/users")]
    public async Task A_name_that_only_points_here_reads_nothing(string path)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = $"evil.example.com:{sandbox.Simulator.Address.Port}";

        (await sandbox.SendAsync(request)).Status.ShouldBe(HttpStatusCode.MisdirectedRequest);
        (await sandbox.GetAsync(path)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Stripes_own_calls_are_nobodys_controls()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/customers");
        request.Headers.Add("Origin", "https://shop.example.com");

        (await sandbox.SendAsync(request)).Status.ShouldBe(HttpStatusCode.OK);
    }
}

public sealed class Coming_to_the_simulators_front_door
{
    [Fact]
    public async Task It_says_what_this_is_and_where_everything_is()
    {
        await using var sandbox = await Sandbox.StartAsync(o => o with { MailPage = new Uri("http://127.0.0.1:8025/"), MerchantName = "<Shop>" });

        var page = await sandbox.GetAsync("/");

        page.Status.ShouldBe(HttpStatusCode.OK, page.Text);
        page.Text.ShouldStartWith("<!doctype html>");
        page.Headers["Content-Security-Policy"].ShouldContain("default-src 'none'");
        foreach (var words in new[] { "simulator", "/c/pay/cs_test_", "/v1/", "/sandbox/clock", "/sandbox/faults", "/sandbox/deliveries", "/sandbox/truth", "http://127.0.0.1:8025/", sandbox.Simulator.Address.ToString().TrimEnd('/'), "4242 4242 4242 4242" })
        {
            page.Text.ShouldContain(words);
        }

        page.Text.ShouldNotContain("{{");
        page.Text.ShouldNotContain(sandbox.Simulator.SecretKey);
    }

    [Fact]
    public async Task Every_link_on_it_leads_somewhere()
    {
        await using var sandbox = await Sandbox.StartAsync();

        var page = (await sandbox.GetAsync("/")).Text;

        var links = page.Split("href=\"").Skip(1).Select(rest => rest[..rest.IndexOf('"', StringComparison.Ordinal)]).Where(link => link.StartsWith('/')).Distinct().ToList();
        links.ShouldContain("/sandbox/deliveries");
        foreach (var link in links)
        {
            (await sandbox.GetAsync(link)).Status.ShouldBe(HttpStatusCode.OK, link);
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/health")]
    [InlineData("/sandbox/clock")]
    public async Task The_head_alone_may_be_asked_for(string path)
    {
        await using var sandbox = await Sandbox.StartAsync();

        var head = await sandbox.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));

        (head.Status, head.Text).ShouldBe((HttpStatusCode.OK, ""));
    }
}
