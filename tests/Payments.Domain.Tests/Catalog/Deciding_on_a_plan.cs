using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Catalog;

public sealed class Deciding_on_a_plan
{
    private static readonly PlanTerms Monthly = new(
        "Monthly", null, new Money(1900, Currency.Of("usd")), BillingInterval.Month, 1, 14, 200, 90, "pro", 1, 1, ResourceReference.Platform, RefundPolicy.Debt, true, 1, null);

    public static TheoryData<string, Func<PlanTerms, PlanTerms>> Wrong => new()
    {
        { "name", t => t with { Name = " " } },
        { "name", t => t with { Name = new string('n', 101) } },
        { "name", t => t with { Name = "two\nlines" } },
        { "type", t => t with { Type = "Pro Monthly" } },
        { "type", t => t with { Type = "" } },
        { "type", t => t with { Name = "月額" } },
        { "price.amount", t => t with { Price = Money.Zero(Currency.Of("usd")) } },
        { "price.amount", t => t with { Price = new Money(100_000_000, Currency.Of("usd")) } },
        { "price.amount", t => t with { Price = new Money(1905, Currency.Of("kwd")) } },
        { "interval", t => t with { Interval = (BillingInterval)7 } },
        { "intervalCount", t => t with { IntervalCount = 0 } },
        { "intervalCount", t => t with { IntervalCount = 37 } },
        { "intervalCount", t => t with { Interval = BillingInterval.Year, IntervalCount = 4 } },
        { "intervalCount", t => t with { Interval = BillingInterval.Week, IntervalCount = 157 } },
        { "intervalCount", t => t with { Interval = BillingInterval.Day, IntervalCount = 1096 } },
        { "trialDays", t => t with { TrialDays = -1 } },
        { "trialDays", t => t with { TrialDays = 731 } },
        { "creditsPerPeriod", t => t with { CreditsPerPeriod = -1 } },
        { "creditsPerPeriod", t => t with { CreditsPerPeriod = 1_000_000_000_001 } },
        { "creditsExpireAfterDays", t => t with { CreditsExpireAfterDays = 0 } },
        { "family", t => t with { Family = "" } },
        { "family", t => t with { Family = "Pro" } },
        { "rank", t => t with { Rank = -1 } },
        { "maximumQuantity", t => t with { MaximumQuantity = 0 } },
        { "maximumQuantity", t => t with { MaximumQuantity = 1001 } },
        { "access", t => t with { Access = new ResourceReference("course", "") } },
        { "access", t => t with { Access = new ResourceReference("course", "a b") } },
        { "access.id", t => t with { Access = new ResourceReference("platform", "1") } },
        { "refundPolicy", t => t with { RefundPolicy = (RefundPolicy)7 } },
        { "gatewayPriceId", t => t with { GatewayPriceId = "../price" } },
        { "gatewayPriceId", t => t with { GatewayPriceId = "" } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void names_the_field_that_cannot_be_and_changes_nothing(string field, Func<PlanTerms, PlanTerms> change)
    {
        var plan = NewPlan(Monthly);

        var refusal = Should.Throw<Refusal>(() => plan.Edit(change(Monthly)));

        (refusal.Kind, refusal.Field).ShouldBe((RefusalKind.Invalid, field));
        plan.Terms.ShouldBe(Monthly with { Type = "monthly" });
        Should.Throw<Refusal>(() => NewPlan(change(Monthly)));
    }

    [Fact]
    public void takes_all_that_can_be_up_to_the_bounds()
    {
        var terms = Monthly with
        {
            Type = "pro-3", Price = new Money(99_999_999, Currency.Of("jpy")), Interval = BillingInterval.Year, IntervalCount = 3, TrialDays = 730, CreditsPerPeriod = 1_000_000_000_000,
            CreditsExpireAfterDays = null, Rank = 0, MaximumQuantity = 1000, Access = new ResourceReference("course", "42"), RefundPolicy = RefundPolicy.Block, Active = false, GatewayPriceId = "price_1P",
        };

        var plan = NewPlan(terms);

        plan.Terms.ShouldBe(terms);
        (plan.Price, plan.Access, plan.PriceTerms).ShouldBe((terms.Price, terms.Access, new PriceTerms(terms.Price, BillingInterval.Year, 3)));
    }

    [Theory]
    [InlineData("Monthly", "monthly")]
    [InlineData("Pro (Japan)", "pro-japan")]
    [InlineData("  2 Years!", "2-years")]
    public void makes_the_type_from_the_name_unless_one_is_given(string name, string type)
    {
        NewPlan(Monthly with { Name = name }).Type.ShouldBe(type);
        NewPlan(Monthly with { Name = name, Type = "gold" }).Type.ShouldBe("gold");
    }

    [Fact]
    public void follows_a_price_of_the_providers_and_keeps_the_rest()
    {
        var plan = NewPlan(Monthly);
        var theirs = new PriceTerms(new Money(2500, Currency.Of("eur")), BillingInterval.Week, 2);

        plan.CanFollow(theirs).ShouldBeTrue();
        plan.Follow(theirs);

        plan.Terms.ShouldBe(Monthly with { Type = "monthly", Price = theirs.Amount, Interval = BillingInterval.Week, IntervalCount = 2 });
        plan.CanFollow(theirs with { Amount = Money.Zero(Currency.Of("eur")) }).ShouldBeFalse();
        plan.CanFollow(theirs with { IntervalCount = 200 }).ShouldBeFalse();
    }

    [Fact]
    public void goes_off_sale_and_stays_what_it_was()
    {
        var plan = NewPlan(Monthly);

        plan.Deactivate();

        plan.Terms.ShouldBe(Monthly with { Type = "monthly", Active = false });
    }

    private static Plan NewPlan(PlanTerms terms) => new(new PlanId(new Guid("d0000000-0000-4000-8000-000000000001")), terms);
}

public sealed class Deciding_on_a_credit_pack
{
    private static readonly CreditPackTerms Starter = new("Starter", 100, new Money(999, Currency.Of("usd")), null, RefundPolicy.Debt, true, 1);

    public static TheoryData<string, Func<CreditPackTerms, CreditPackTerms>> Wrong => new()
    {
        { "name", t => t with { Name = "" } },
        { "price.amount", t => t with { Price = Money.Zero(Currency.Of("usd")) } },
        { "price.amount", t => t with { Price = new Money(150, Currency.Of("isk")) } },
        { "price.amount", t => t with { Price = new Money(49, Currency.Of("usd")) } },
        { "price.currency", t => t with { Price = new Money(999, Currency.Of("zzz")) } },
        { "credits", t => t with { Credits = 0 } },
        { "credits", t => t with { Credits = 1_000_000_000_001 } },
        { "creditsExpireAfterDays", t => t with { CreditsExpireAfterDays = 3651 } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void names_the_field_that_cannot_be_and_changes_nothing(string field, Func<CreditPackTerms, CreditPackTerms> change)
    {
        var pack = new CreditPack(new CreditPackId(new Guid("c0000000-0000-4000-8000-000000000001")), Starter);

        var refusal = Should.Throw<Refusal>(() => pack.Edit(change(Starter)));

        (refusal.Kind, refusal.Field).ShouldBe((RefusalKind.Invalid, field));
        pack.Terms.ShouldBe(Starter);
    }

    [Fact]
    public void goes_off_sale_and_stays_what_it_was()
    {
        var pack = new CreditPack(new CreditPackId(new Guid("c0000000-0000-4000-8000-000000000001")), Starter);

        pack.Deactivate();

        pack.Terms.ShouldBe(Starter with { Active = false });
    }
}
