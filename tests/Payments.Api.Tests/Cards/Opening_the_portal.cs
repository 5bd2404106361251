using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Cards;

public sealed class Opening_the_portal(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Leads_to_the_providers_page_and_back_to_the_web_app()
    {
        using var ada = world.NewUser();
        using var answer = await ada.PostAsync("payments/customer-portal", new { returnUrl = "http://127.0.0.1:3000/account?tab=cards" });
        var url = (await Cards.OkAsync(answer))["url"]!.ToString();

        var page = await world.Simulator.GetStringAsync(new Uri(url));
        page.ShouldContain("http://127.0.0.1:3000/account?tab=cards");
    }

    [Fact]
    public async Task Leads_to_the_web_apps_start_when_nothing_is_said()
    {
        using var ada = world.NewUser();
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/payments/customer-portal");
        using var answer = await ada.Http.SendAsync(request);
        var url = (await Cards.OkAsync(answer))["url"]!.ToString();

        (await world.Simulator.GetStringAsync(new Uri(url))).ShouldContain("http://127.0.0.1:3000/");
        var session = (await world.EventsAsync("billing_portal.session.created")).Select(e => e["data"]!["object"]!).Single(s => s["url"]!.ToString() == url);
        session["return_url"]!.ToString().ShouldBe("http://127.0.0.1:3000/");
        session["customer"]!.ToString().ShouldBe(await world.CustomerOfAsync(ada));
    }

    [Theory]
    [InlineData("http://127.0.0.1:3001/")]
    [InlineData("https://127.0.0.1:3000/")]
    [InlineData("http://127.0.0.1:3000@evil.example.com/")]
    [InlineData("http://127.0.0.1:3000.evil.example.com/")]
    [InlineData("//127.0.0.1:3000/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/account")]
    [InlineData("")]
    public async Task Leads_nowhere_else(string returnUrl)
    {
        using var ada = world.NewUser();
        using var answer = await ada.PostAsync("payments/customer-portal", new { returnUrl });
        await Cards.RefusedAsync(answer, HttpStatusCode.BadRequest, "return_url.not_allowed");
    }

    [Fact]
    public async Task What_is_done_there_arrives_as_events()
    {
        using var ada = world.NewUser();
        await ada.SaveCardAsync(await world.NewCardAsync());
        (await ada.CardsAsync()).Count.ShouldBe(1);
        var customer = await world.CustomerOfAsync(ada);
        var added = await world.NewCardAsync("tok_amex");
        await world.StripeAsync($"/v1/payment_methods/{added}/attach", ("customer", customer));
        await world.StripeAsync($"/v1/customers/{customer}", ("invoice_settings[default_payment_method]", added));

        await World.EventuallyAsync(async () => await ada.CardsAsync() is { Count: 2 } cards && cards[0]!["id"]!.ToString() == added, "the new default is known");
    }
}
