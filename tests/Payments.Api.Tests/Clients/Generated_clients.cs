using System.Net.Http.Headers;
using Payments.Api.Tests.Worlds;
using Payments.Client;
using JsonNode = System.Text.Json.Nodes.JsonNode;

namespace Payments.Api.Tests.Clients;

/// <summary>The clients that are made of the document do what a web app does with them, against the running API.</summary>
public sealed class Generated_clients(World world) : IClassFixture<World>
{
    private static readonly NpmPackages Packages = new("clients");

    [Fact]
    public async Task In_CSharp_packs_are_listed_a_checkout_opens_and_a_problem_has_its_type()
    {
        var ada = Guid.NewGuid();
        using var http = new HttpClient { BaseAddress = world.Api };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", World.Token(ada, "ada@example.com", []));
        var payments = new PaymentsClient(http);

        var pack = (await payments.CreditPacksListAsync()).Items.Single(p => p.Id == World.Starter);
        var key = Guid.NewGuid().ToString();
        var checkout = await payments.CheckoutOpenAsync(new CheckoutSessionRequest { CreditPackId = pack.Id }, key);
        var again = await payments.CheckoutOpenAsync(new CheckoutSessionRequest { CreditPackId = pack.Id }, key);
        var me = await payments.ProfileGetAsync();
        var payment = await payments.PaymentsGetAsync(checkout.PaymentId);
        var refused = await Should.ThrowAsync<PaymentsException<Problem>>(() => payments.PaymentsGetAsync(Guid.NewGuid()));

        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", World.Token(Guid.NewGuid(), "admin@example.com", ["admin"]));
        var understood = await Should.ThrowAsync<PaymentsException<Problem>>(() => payments.RefundsIssueAsync(Guid.NewGuid(), body: new RefundRequest { Reason = RefundReason.RequestedByCustomer }));

        understood.Result.Code.ShouldBe("payment.not_found");
        pack.Price.Currency.ShouldBe("usd");
        checkout.SessionId.ShouldStartWith("cs_");
        again.PaymentId.ShouldBe(checkout.PaymentId);
        (me.Id, me.Email, me.Credits).ShouldBe((ada, "ada@example.com", 0));
        (payment.Kind, payment.Status, payment.CompletedAt).ShouldBe((PaymentKind.CreditPack, PaymentStatus.Pending, null));
        payment.Amount.Amount.ShouldBe(pack.Price.Amount);
        (refused.StatusCode, refused.Result.Status, refused.Result.Code).ShouldBe((404, 404, "payment.not_found"));
        refused.Result.TraceId.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task In_TypeScript_as_well()
    {
        var folder = await Packages.FolderAsync();
        var ada = Guid.NewGuid();
        var compiled = await Programs.RunAsync(Programs.Node, ["node_modules/tsc/bin/tsc", "--project", "typescript"], folder);
        compiled.ExitCode.ShouldBe(0, compiled.ToString());

        var run = await Programs.RunAsync(
            Programs.Node, [".built/tests/clients/typescript/buying.js", world.Api.ToString().TrimEnd('/'), World.Token(ada, "ada@example.com", [])], folder);

        run.ExitCode.ShouldBe(0, run.ToString());
        var told = JsonNode.Parse(run.Output)!;
        ((string?)told["session"])!.ShouldStartWith("cs_");
        ((string?)told["me"]).ShouldBe(ada.ToString());
        ((int?)told["credits"]).ShouldBe(0);
        ((string?)told["code"]).ShouldBe("payment.not_found");
        ((int?)told["status"]).ShouldBe(404);
        ((string?)told["traceId"]).ShouldNotBeNullOrEmpty();
    }
}
