using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Subscriptions;

/// <summary>Plans and invoices as the provider makes them, in the fewest words.</summary>
internal static class Bills
{
    public static readonly AgreedPlan Monthly = NewPlan(200, BillingInterval.Month);
    public static readonly AgreedPlan Yearly = NewPlan(2400, BillingInterval.Year);
    public static readonly AgreedPlan Seats = NewPlan(100, BillingInterval.Month);

    private static readonly Currency Usd = Currency.Of("usd");

    public static PlanAgreement? AgreedAt(string price) => price switch { "monthly" => Monthly.Terms, "yearly" => Yearly.Terms, "seats" => Seats.Terms, _ => null };

    public static DateTimeOffset Day(int month, int day, int hour = 0, int year = 2027) => new(year, month, day, hour, 0, 0, TimeSpan.Zero);

    public static InvoiceLine Period(string price, int seats, DateTimeOffset from, DateTimeOffset until) =>
        new(price, new Money(1000 * seats, Usd), seats, price, OfSubscription: true, IsProration: false, from, until);

    /// <summary>What a change at <paramref name="from"/> makes of the rest of a period; negative seats are given up.</summary>
    public static InvoiceLine Rest(string price, int seats, DateTimeOffset from, DateTimeOffset until) =>
        new(price, new Money(10 * seats, Usd), Math.Abs(seats), price, OfSubscription: true, IsProration: true, from, until);

    public static Invoice Paid(DateTimeOffset at, BillingReason reason, params InvoiceLine[] lines) => Make($"in_{at.ToUnixTimeSeconds()}", at, reason, InvoiceStatus.Paid, null, lines);

    public static Invoice Make(string id, DateTimeOffset at, BillingReason reason, InvoiceStatus status, long? total, params InvoiceLine[] lines) => Make(id, at, reason, status, total, at, lines);

    public static Invoice Make(string id, DateTimeOffset at, BillingReason reason, InvoiceStatus status, long? total, DateTimeOffset paidAt, params InvoiceLine[] lines)
    {
        var invoice = new Invoice(new InvoiceId(Guid.NewGuid()), new UserId(Guid.NewGuid()), id, at);
        var sum = new Money(total ?? lines.Sum(l => l.Amount.Minor), Usd);
        var due = new Money(Math.Max(0, sum.Minor), Usd);
        invoice.Report(new InvoiceReport(status, reason, id, sum, Money.Zero(Usd), Money.Zero(Usd), sum, due, due, 1, null, lines, [], null, null, null, paidAt));
        return invoice;
    }

    public static AgreedPlan NewPlan(string family) => NewPlan(100, BillingInterval.Month, family);

    private static AgreedPlan NewPlan(long credits, BillingInterval interval, string family = "pro") => Agreed(new Plan(
        new PlanId(Guid.NewGuid()),
        new PlanTerms("Plan", null, new Money(1000, Usd), interval, 1, 0, credits, null, family, 1, 100, ResourceReference.Platform, RefundPolicy.Debt, true, 1, null)));

    private static AgreedPlan Agreed(Plan plan) => new(plan.Id, plan.Name, plan.Agreement);
}
