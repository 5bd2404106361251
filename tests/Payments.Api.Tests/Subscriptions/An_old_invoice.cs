using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Subscriptions;

/// <summary>The provider's links to an invoice end after a month; its owner looks for it at the end of the year.</summary>
public sealed class An_old_invoice(World world) : IClassFixture<World>
{
    private const string Ended = "https://pay.example.com/ended";

    [Fact]
    public async Task Is_shown_with_new_links_since_its_first_ones_have_ended()
    {
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();
        var invoice = (await ada.GetAsync("invoices"))["items"]![0]!;
        var links = (invoice["hostedUrl"]!.ToString(), invoice["pdfUrl"]!.ToString());
        await world.ScalarAsync<Guid>("UPDATE payments.invoices SET hosted_url = $2, pdf_url = $2 WHERE id = $1 RETURNING id", Guid.Parse(invoice["id"]!.ToString()), Ended);

        // Young enough to be believed.
        (await LinksAsync(ada, invoice)).ShouldBe((Ended, Ended));

        await world.LaterAsync("P29D");
        (await LinksAsync(ada, invoice)).ShouldBe(links);
        using var pdf = await PdfAsync(ada, invoice);
        (pdf.StatusCode, pdf.Content.Headers.ContentType!.MediaType).ShouldBe((HttpStatusCode.OK, "application/pdf"));
    }

    [Fact]
    public async Task Is_shown_all_the_same_while_the_provider_cannot_be_asked()
    {
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync(new { planId = Plans.Monthly }));
        await world.SettleAsync();
        var invoice = (await ada.GetAsync("invoices"))["items"]![0]!;
        await world.LaterAsync("P29D");
        await world.FaultsAsync(new { api = new { error = 1.0 } });
        try
        {
            (await ada.GetAsync($"invoices/{invoice["id"]}"))["number"]!.ToString().ShouldBe(invoice["number"]!.ToString());
        }
        finally
        {
            await world.FaultsAsync(null);
        }
    }

    private static async Task<(string Hosted, string Pdf)> LinksAsync(Caller caller, JsonNode invoice)
    {
        var shown = await caller.GetAsync($"invoices/{invoice["id"]}");
        return (shown["hostedUrl"]!.ToString(), shown["pdfUrl"]!.ToString());
    }

    /// <summary>The redirect is followed, as a browser does.</summary>
    private static Task<HttpResponseMessage> PdfAsync(Caller caller, JsonNode invoice) => caller.Http.GetAsync($"api/v1/invoices/{invoice["id"]}/pdf");
}
