using System.Net;
using System.Text;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Paying_an_invoice
{
    [Fact]
    public async Task On_its_own_page_with_a_card_brings_the_subscription_to_life()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await IncompleteAsync(sandbox);
        var page = made["latest_invoice.hosted_invoice_url"]!;
        page.ShouldBe($"{sandbox.Simulator.Address}invoice/{made["latest_invoice.id"]}");
        using var buyer = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var shown = await buyer.GetStringAsync(page);
        shown.ShouldContain("Invoice");
        shown.ShouldContain("$19.99");
        shown.ShouldContain(made["latest_invoice.invoice_pdf"]!);

        (await PayAsync(buyer, sandbox, made, "4000000000009995")).StatusCode.ShouldBe(HttpStatusCode.PaymentRequired);
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("incomplete");
        var paid = await PayAsync(buyer, sandbox, made, "4242424242424242");

        paid.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        paid.Headers.Location!.ToString().ShouldBe(page);
        (await buyer.GetStringAsync(page)).ShouldContain("Invoice paid");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("active");
    }

    [Fact]
    public async Task On_its_own_page_by_3DS_goes_through_the_challenge()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await IncompleteAsync(sandbox);
        using var buyer = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var asked = await PayAsync(buyer, sandbox, made, "4000002760003184");
        asked.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        var challenge = asked.Headers.Location!;
        challenge.ToString().ShouldContain("/3ds/pi_");
        using var answer = new FormUrlEncodedContent([new("outcome", "complete")]);
        var done = await buyer.PostAsync(challenge, answer);
        done.Headers.Location!.ToString().ShouldStartWith(made["latest_invoice.hosted_invoice_url"]!);
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("active");
    }

    [Fact]
    public async Task Can_be_read_as_a_PDF()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await IncompleteAsync(sandbox);
        using var buyer = new HttpClient();
        using var pdf = await buyer.GetAsync(made["latest_invoice.invoice_pdf"]);
        pdf.Content.Headers.ContentType!.MediaType.ShouldBe("application/pdf");
        var text = Encoding.Latin1.GetString(await pdf.Content.ReadAsByteArrayAsync());
        text.ShouldStartWith("%PDF-1.4");
        text.ShouldContain($"(Invoice {made["latest_invoice.number"]}) Tj");
        text.ShouldContain("$19.99) Tj");
        var table = int.Parse(text[(text.LastIndexOf("startxref", StringComparison.Ordinal) + 10)..].Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture);
        text[table..].ShouldStartWith("xref");
    }

    [Fact]
    public async Task By_hand_is_numbered_discounted_taxed_and_paid()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.CustomerAsync();
        var vat = await sandbox.PostAsync("/v1/tax_rates", "display_name=VAT&percentage=20&inclusive=true");
        var coupon = await sandbox.PostAsync("/v1/coupons", "amount_off=500&currency=usd&duration=once");
        await sandbox.PostAsync("/v1/invoiceitems", $"customer={customer}&amount=2000&currency=usd&description=Work");
        await sandbox.PostAsync("/v1/invoiceitems", $"customer={customer}&amount=1000&currency=usd&description=More");
        var draft = await sandbox.PostAsync(
            "/v1/invoices", $"customer={customer}&pending_invoice_items_behavior=include&discounts[0][coupon]={coupon["id"]}&default_tax_rates[0]={vat["id"]}");
        draft["status"].ShouldBe("draft");
        draft["subtotal"].ShouldBe("3000");
        draft["total"].ShouldBe("2500");
        // 1667 of 2000 less 333, and 833 of 1000 less 167; a sixth of each is tax.
        draft["lines.data.0.discount_amounts.0.amount"].ShouldBe("333");
        draft["lines.data.1.discount_amounts.0.amount"].ShouldBe("167");
        draft["total_taxes.0.amount"].ShouldBe("417");
        draft["total_excluding_tax"].ShouldBe("2083");

        var paid = await sandbox.PostAsync($"/v1/invoices/{draft["id"]}/pay");
        paid["status"].ShouldBe("paid");
        paid["amount_paid"].ShouldBe("2500");
        paid["number"]!.ShouldEndWith("-0001");
        (await sandbox.PostAsync($"/v1/invoices/{draft["id"]}/pay"))["error.message"].ShouldBe("Invoice is already paid");
        (await sandbox.PostAsync($"/v1/invoices/{draft["id"]}/void")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task That_is_voided_ends_what_it_was_the_first_of()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var made = await IncompleteAsync(sandbox);
        (await sandbox.PostAsync($"/v1/invoices/{made["latest_invoice.id"]}/void"))["status"].ShouldBe("void");
        (await sandbox.GetAsync($"/v1/subscriptions/{made["id"]}"))["status"].ShouldBe("incomplete_expired");
        using var buyer = new HttpClient();
        (await buyer.GetStringAsync(made["latest_invoice.hosted_invoice_url"])).ShouldContain("is closed");
    }

    private static async Task<Reply> IncompleteAsync(Sandbox sandbox) => await sandbox.SubscribeAsync(
        await sandbox.CustomerAsync(card: null), await sandbox.PriceAsync(1999), "payment_behavior=default_incomplete&expand[]=latest_invoice");

    private static async Task<HttpResponseMessage> PayAsync(HttpClient buyer, Sandbox sandbox, Reply made, string number)
    {
        using var form = new FormUrlEncodedContent(
        [
            new("expected_amount", "1999"), new("method", "card"), new("number", number), new("expiry", "12/34"), new("cvc", "123"), new("name", "Ada"),
            new("country", "US"), new("postal_code", "12345"),
        ]);
        return await buyer.PostAsync(new Uri(sandbox.Simulator.Address, $"c/pay/{made["latest_invoice.id"]}"), form);
    }
}
