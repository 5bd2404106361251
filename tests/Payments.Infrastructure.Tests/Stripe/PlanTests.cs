using System.Text.Json.Nodes;

using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Shared;
using Payments.Sandbox.Stripe;
using Payments.Tests.Shared;

using static Payments.Infrastructure.Tests.Stripe.ScriptedStripe;
using static Payments.Infrastructure.Tests.Stripe.StripeSamples;

namespace Payments.Infrastructure.Tests.Stripe;

/// <summary>Plans at Stripe: what is asked, judged by Stripe's own description, and how prices are read.</summary>
public sealed class The_gateways_plans
{
    private const string Key = "price-1";

    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Guid Row = Guid.Parse("0197f1c0-0000-7000-8000-0000000000bb");
    private static readonly PlanId Plan = new(Guid.Parse(OurPlan));
    private static readonly PriceTerms Monthly = new(new Money(1900, Currency.Of("usd")), BillingInterval.Month, 1);
    private static readonly NewPrice New = new(Row, Plan, Monthly, "Monthly & more", null);

    [Fact]
    public async Task sends_only_what_stripe_knows_in_every_call_it_has()
    {
        await using var stripe = await StartAsync(context => Answers(200, context.Request.Method == "GET" && context.Request.Path == "/v1/prices" ? Page(false, Price()) : Price())(context));
        using var under = new GatewayUnderTest(stripe.Address);
        var plans = under.Plans;

        await plans.CreatePriceAsync(plans.PreparePrice(New), Key, None);
        await plans.CreatePriceAsync(plans.PreparePrice(New with { ProductId = "prod_1" }), Key, None);
        foreach (var interval in Enum.GetValues<BillingInterval>())
        {
            await plans.CreatePriceAsync(plans.PreparePrice(New with { Terms = Monthly with { Interval = interval } }), Key, None);
        }

        await plans.FindPriceAsync(Row, None);
        await plans.GetPriceAsync("price_1", None);
        await plans.ListPricesAsync(None);

        stripe.Seen.Count.ShouldBe(9);
        var schema = StripeSchema.Load();
        foreach (var request in stripe.Seen)
        {
            schema.RequestErrors(request.Method, request.PathAndQuery, request.Body).ShouldBeEmpty($"{request.Method} {request.PathAndQuery} {request.Body}");
        }
    }

    [Fact]
    public void prepares_a_price_that_carries_our_ids_with_a_product_that_does_too()
    {
        using var under = new GatewayUnderTest(Nobody());

        Form(under.Plans.PreparePrice(New).Body).ShouldBe(
        [
            "currency=usd",
            "unit_amount=1900",
            "recurring[interval]=month",
            "recurring[interval_count]=1",
            $"lookup_key={Row}",
            "product_data[name]=Monthly & more",
            $"product_data[metadata][plan_id]={OurPlan}",
            $"metadata[plan_id]={OurPlan}",
            "expand[0]=product",
        ]);
        var another = Form(under.Plans.PreparePrice(New with { ProductId = "prod_1" }).Body);
        another.ShouldContain("product=prod_1");
        another.ShouldNotContain(parameter => parameter.StartsWith("product_data", StringComparison.Ordinal));
    }

    [Fact]
    public async Task reads_a_price_with_its_product()
    {
        (await ReadAsync()).ShouldBe(new PriceState("price_1", "prod_1", Row, Plan, Monthly, Active: true, Livemode: false));
        (await ReadAsync("""{ "product": "prod_2" }""")).ShouldBe(new PriceState("price_1", "prod_2", Row, Plan, Monthly, Active: true, Livemode: false));
        (await ReadAsync("""{ "lookup_key": "theirs", "metadata": { "plan_id": "theirs" } }""")).ShouldBe(new PriceState("price_1", "prod_1", null, null, Monthly, Active: true, Livemode: false));
    }

    [Theory]
    [InlineData("""{ "active": false }""")]
    [InlineData("""{ "product": { "id": "prod_1", "object": "product", "deleted": true } }""")]
    public async Task reads_what_is_switched_off(string changes) => (await ReadAsync(changes, check: false)).Active.ShouldBeFalse();

    [Theory]
    [InlineData("""{ "recurring": null, "type": "one_time" }""")]
    [InlineData("""{ "unit_amount": null, "unit_amount_decimal": "0.5" }""")]
    [InlineData("""{ "unit_amount": null, "unit_amount_decimal": null, "billing_scheme": "tiered", "tiers_mode": "volume" }""")]
    [InlineData("""{ "recurring": { "interval": "month", "interval_count": 1, "usage_type": "metered", "meter": null, "trial_period_days": null } }""")]
    [InlineData("""{ "transform_quantity": { "divide_by": 10, "round": "up" } }""")]
    [InlineData("""{ "recurring": { "interval": "fortnight", "interval_count": 1, "usage_type": "licensed", "meter": null, "trial_period_days": null } }""")]
    public async Task reads_no_terms_that_a_plan_could_not_have(string changes) => (await ReadAsync(changes, check: false)).Terms.ShouldBeNull();

    [Fact]
    public async Task knows_no_price_of_an_id_that_stripe_does_not_know()
    {
        await using var stripe = await StartAsync(Answers(404, """{ "error": { "type": "invalid_request_error", "code": "resource_missing", "param": "price", "message": "No such price: 'price_2'" } }"""));
        using var under = new GatewayUnderTest(stripe.Address);

        (await under.Plans.GetPriceAsync("price_2", None)).ShouldBeNull();
        (await under.Plans.GetPriceAsync("../customers", None)).ShouldBeNull();
        stripe.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task makes_finds_and_lists_a_price_of_the_simulators()
    {
        await using var simulator = await StripeSimulator.StartAsync(new StripeSimulatorOptions());
        using var under = new GatewayUnderTest(simulator.Address.AbsoluteUri, options => options with { SecretKey = simulator.SecretKey });
        var call = under.Plans.PreparePrice(New);

        var made = await under.Plans.CreatePriceAsync(call, Key, None);

        (made.Key, made.PlanId, made.Terms, made.Active, made.Livemode).ShouldBe((Row, Plan, Monthly, true, false));
        (await under.Plans.CreatePriceAsync(call, Key, None)).ShouldBe(made);
        (await under.Plans.FindPriceAsync(Row, None)).ShouldBe(made);
        (await under.Plans.FindPriceAsync(Guid.NewGuid(), None)).ShouldBeNull();
        (await under.Plans.GetPriceAsync(made.PriceId, None)).ShouldBe(made);
        (await under.Plans.GetPriceAsync("price_none", None)).ShouldBeNull();
        (await under.Plans.ListPricesAsync(None)).ShouldBe([made]);
        var failure = await Should.ThrowAsync<GatewayFailure>(() => under.Plans.CreatePriceAsync(under.Plans.PreparePrice(New with { Key = Guid.NewGuid(), ProductId = "prod_gone" }), "price-2", None));
        (failure.Kind, failure.Parameter).ShouldBe((GatewayFailureKind.NotFound, "product"));
    }

    private static async Task<PriceState> ReadAsync(string changes = "{}", bool check = true)
    {
        await using var stripe = await StartAsync(Answers(200, Price(changes, check)));
        using var under = new GatewayUnderTest(stripe.Address);
        return (await under.Plans.GetPriceAsync("price_1", None))!;
    }
}
