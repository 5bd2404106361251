using System.Globalization;
using System.Reflection;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Charges;

/// <summary>What the specifications buy: 500 credits for $20.00, and what the provider may say about it.</summary>
internal static class Purchase
{
    public const string Session = "cs_1";
    public const string Intent = "pi_1";
    public const string Charge = "ch_1";

    public static readonly DateTimeOffset Start = new(2026, 7, 29, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset PageCloses = Start.AddHours(1);
    public static readonly Money Price = Usd(2000);

    public static Money Usd(long minor) => new(minor, Currency.Of("usd"));

    public static Payment New(PaymentFlow flow, string? method = null)
    {
        var terms = new PaymentTerms(PaymentKind.CreditPack, null, "Starter", Price, 1, 500, 90, RefundPolicy.Debt);
        return Payment.Open(new PaymentId(new Guid("a0000000-0000-4000-8000-000000000001")), new UserId(new Guid("b0000000-0000-4000-8000-000000000001")), flow, terms, null, "key", method, flow == PaymentFlow.Checkout ? PageCloses : null, Start);
    }

    public static Payment Opened(PaymentFlow flow)
    {
        var payment = New(flow);
        if (flow == PaymentFlow.Checkout)
        {
            payment.SessionOpened(Session, "https://pay.example/cs_1", PageCloses, Start.AddSeconds(1));
        }
        else
        {
            payment.IntentOpened(Intent, Start.AddSeconds(1));
        }

        return payment;
    }

    /// <summary>A payment in a status, brought there by what the provider said.</summary>
    public static Payment In(PaymentStatus status, PaymentFlow flow)
    {
        var payment = Opened(flow);
        ReportedState? last = status switch
        {
            PaymentStatus.Pending => null,
            PaymentStatus.RequiresAction => ReportedState.RequiresAction,
            PaymentStatus.Processing => ReportedState.Processing,
            PaymentStatus.Failed => ReportedState.Failed,
            PaymentStatus.Canceled => ReportedState.Canceled,
            PaymentStatus.Expired => ReportedState.Expired,
            _ => ReportedState.Paid,
        };
        if (last is { } state)
        {
            payment.Report(Said(state, flow), Start.AddMinutes(1));
        }

        if (payment.Status != status)
        {
            // Refunds and disputes come with a later version: a row that has them is loaded, as here.
            typeof(Payment).GetProperty(nameof(Payment.Status), BindingFlags.Public | BindingFlags.Instance)!.SetValue(payment, status);
        }

        return payment;
    }

    /// <summary>What the object that this flow stands on says: the session of a hosted page, or the bare intent.</summary>
    public static PaymentReport Said(ReportedState state, PaymentFlow flow, bool fresh = false) => flow == PaymentFlow.Checkout ? OfSession(state, fresh) : OfIntent(state, fresh);

    public static PaymentReport OfSession(ReportedState state, bool fresh = false, Money? subtotal = null, Money? total = null, long discount = 0, long tax = 0, string session = Session, string? intent = Intent) => new(
        state, session, intent, fresh && state == ReportedState.Paid && intent is not null ? Charge : null, subtotal ?? Price, total ?? Price, Usd(discount), Usd(tax), CodeOf(state), MessageOf(state), Start)
    {
        IsFresh = fresh,
    };

    public static PaymentReport OfIntent(ReportedState state, bool fresh = false, Money? total = null, string intent = Intent) => new(
        state, null, intent, state is ReportedState.Paid or ReportedState.Failed ? Charge : null, null, total ?? Price, null, null, CodeOf(state), MessageOf(state), Start)
    {
        IsFresh = fresh,
    };

    /// <summary>All that a report can change, in one line.</summary>
    public static string Snapshot(Payment p) => string.Create(
        CultureInfo.InvariantCulture,
        $"{p.Status} session={p.SessionId} intent={p.IntentId} charge={p.ChargeId} total={p.Total} discount={p.Discount} tax={p.Tax} refunded={p.Refunded} failure={p.FailureCode}/{p.FailureMessage} completed={p.CompletedAt:O} check={p.NextCheckAt:O}");

    private static string? CodeOf(ReportedState state) => state == ReportedState.Failed ? "card_declined" : null;

    private static string? MessageOf(ReportedState state) => state == ReportedState.Failed ? "Your card was declined." : null;
}
