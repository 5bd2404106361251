using System.Text.Json.Nodes;
using Payments.Api.Tests.Cards;
using Payments.Api.Tests.Notices;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>Tax lines with their names and the buyer's numbers, as an accountant wants them: an invoice names its rates by id alone.</summary>
public sealed class Taxes_of_an_invoice(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Are_named_with_their_percentage_beside_the_buyers_tax_numbers()
    {
        using var ada = world.NewUser();
        var gst = await RateAsync("IGST", "18", "igst");
        var city = await RateAsync("City", "8.875", "sales_tax");
        await TaxedAsync(ada, gst, city);
        await world.StripeAsync($"/v1/customers/{await world.CustomerOfAsync(ada)}/tax_ids", ("type", "in_gst"), ("value", "27AAPFU0939F1ZV"));
        await world.StripeAsync($"/v1/customers/{await world.CustomerOfAsync(ada)}/tax_ids", ("type", "eu_vat"), ("value", "DE123456789"));

        await RenewAsync(ada);

        var invoice = (await ada.GetAsync("invoices"))["items"]![0]!;
        Taxes(invoice).ShouldBe(["igst IGST 18 342 of 1900", "sales_tax City 8.875 169 of 1900"]);
        invoice["tax"]!["amount"]!.GetValue<long>().ShouldBe(511);
        invoice["total"]!["amount"]!.GetValue<long>().ShouldBe(2411);
        invoice["taxIds"]!.ToJsonString().ShouldBe("""[{"kind":"in_gst","value":"27AAPFU0939F1ZV"},{"kind":"eu_vat","value":"DE123456789"}]""");

        await world.DeliverAllAgainAsync();
        Taxes(await ada.GetAsync($"invoices/{invoice["id"]}")).ShouldBe(["igst IGST 18 342 of 1900", "sales_tax City 8.875 169 of 1900"]);
    }

    [Fact]
    public async Task Are_shown_without_a_name_while_the_provider_cannot_be_asked_and_with_it_from_then_on()
    {
        using var eve = world.NewUser();
        await TaxedAsync(eve, await RateAsync("MwSt.", "19", "vat"));
        await RenewAsync(eve);

        await world.FaultsAsync(new { api = new { error = 1.0 } });
        Taxes((await eve.GetAsync("invoices"))["items"]![0]!).ShouldBe(["   361 of 1900"]);
        await world.FaultsAsync(null);
        Taxes((await eve.GetAsync("invoices"))["items"]![0]!).ShouldBe(["   361 of 1900"], "it is not asked for at every read");

        await world.MoveAsync(world.Stripe.Now.AddMinutes(2));
        Taxes((await eve.GetAsync("invoices"))["items"]![0]!).ShouldBe(["vat MwSt. 19 361 of 1900"]);
        await world.FaultsAsync(new { api = new { error = 1.0 } });
        Taxes((await eve.GetAsync("invoices"))["items"]![0]!).ShouldBe(["vat MwSt. 19 361 of 1900"]);
        await world.FaultsAsync(null);
    }

    private static string[] Taxes(JsonNode invoice) =>
        [.. invoice["taxes"]!.AsArray().Select(t => $"{t!["kind"]} {t["name"]} {t["percentage"]} {t["amount"]!["amount"]} of {t["taxable"]!["amount"]}")];

    private async Task<string> RateAsync(string name, string percentage, string kind) => (await world.StripeAsync(
        "/v1/tax_rates", ("display_name", name), ("percentage", percentage), ("inclusive", "false"), ("tax_type", kind)))["id"]!.ToString();

    /// <summary>Subscribes, and is taxed from the next invoice on, as an accountant has set it at the provider.</summary>
    private async Task TaxedAsync(Caller caller, params string[] rates)
    {
        await caller.PaidAsync(await caller.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();
        var subscription = await world.ScalarAsync<string>("SELECT gateway_id FROM payments.subscriptions WHERE user_id = $1", caller.Id);
        await world.StripeAsync($"/v1/subscriptions/{subscription}", [.. rates.Select((rate, i) => ($"default_tax_rates[{i}]", rate))]);
    }

    private async Task RenewAsync(Caller caller) => await world.MoveAsync((await caller.SubscriptionAsync()).Time("currentPeriodEnd").AddHours(3));
}
