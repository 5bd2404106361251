using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Charges;

public sealed class Being_paid
{
    private static readonly DateTimeOffset Later = Purchase.Start.AddMinutes(5);

    private readonly Payment page = Purchase.Opened(PaymentFlow.Checkout);
    private readonly Payment intent = Purchase.Opened(PaymentFlow.Intent);

    [Fact]
    public void completes_it_with_all_that_is_known()
    {
        page.Report(Purchase.OfSession(ReportedState.Paid, fresh: true, total: Purchase.Usd(1750), discount: 500, tax: 250), Later).ShouldBe(ReportEffect.Succeeded);

        page.Status.ShouldBe(PaymentStatus.Succeeded);
        page.CompletedAt.ShouldBe(Later);
        page.IsPaid.ShouldBeTrue();
        page.IsOver.ShouldBeTrue();
        page.NextCheckAt.ShouldBeNull();
        (page.SessionId, page.IntentId, page.ChargeId).ShouldBe((Purchase.Session, Purchase.Intent, Purchase.Charge));
        (page.Amount, page.Total, page.Discount, page.Tax).ShouldBe((Purchase.Price, Purchase.Usd(1750), Purchase.Usd(500), Purchase.Usd(250)));
        page.Refunded.ShouldBe(Purchase.Usd(0));
    }

    [Fact]
    public void costs_nothing_with_a_code_of_100_percent()
    {
        page.Report(Purchase.OfSession(ReportedState.Paid, total: Purchase.Usd(0), discount: 2000, intent: null), Later).ShouldBe(ReportEffect.Succeeded);

        page.Total.ShouldBe(Purchase.Usd(0));
        page.IntentId.ShouldBeNull();
    }

    [Fact]
    public void happens_once()
    {
        page.Report(Purchase.OfSession(ReportedState.Paid), Later).ShouldBe(ReportEffect.Succeeded);

        for (var again = 0; again < 50; again++)
        {
            page.Report(again % 2 == 0 ? Purchase.OfSession(ReportedState.Paid) : Purchase.OfIntent(ReportedState.Paid), Later.AddDays(again)).ShouldNotBe(ReportEffect.Succeeded);
        }

        page.CompletedAt.ShouldBe(Later);
    }

    public static TheoryData<string, long, string, ReportEffect> NotAsAgreed => new()
    {
        // A hosted page tells the subtotal, which must be ours; the bare intent's whole amount must be.
        { "session", 1999, "usd", ReportEffect.Mismatch },
        { "session", 2001, "usd", ReportEffect.Mismatch },
        { "session", 0, "usd", ReportEffect.Mismatch },
        { "session", 2000, "eur", ReportEffect.Mismatch },
        { "session", 2000, "jpy", ReportEffect.Mismatch },
        { "intent", 1999, "usd", ReportEffect.Mismatch },
        { "intent", 2000, "eur", ReportEffect.Mismatch },
        { "intent", 0, "usd", ReportEffect.Mismatch },

        // Under a hosted page the intent is after discount and tax, so another amount only raises a doubt.
        { "intent beneath", 1500, "usd", ReportEffect.Doubtful },
        { "intent beneath", 2000, "eur", ReportEffect.Doubtful },
    };

    [Theory]
    [MemberData(nameof(NotAsAgreed))]
    public void never_succeeds_with_another_amount_or_currency(string said, long minor, string currency, ReportEffect effect)
    {
        foreach (var status in new[] { PaymentStatus.Pending, PaymentStatus.RequiresAction, PaymentStatus.Processing, PaymentStatus.Failed, PaymentStatus.Expired })
        {
            foreach (var fresh in new[] { false, true })
            {
                if (status == PaymentStatus.Expired && said == "intent")
                {
                    continue;
                }

                var amount = new Money(minor, Currency.Of(currency));
                var payment = Purchase.In(status, said == "intent" ? PaymentFlow.Intent : PaymentFlow.Checkout);
                var before = Purchase.Snapshot(payment);
                var report = said == "session" ? Purchase.OfSession(ReportedState.Paid, fresh, subtotal: amount, total: amount) : Purchase.OfIntent(ReportedState.Paid, fresh, total: amount);

                payment.Report(report, Later).ShouldBe(effect);

                Purchase.Snapshot(payment).ShouldBe(before);
            }
        }
    }

    [Fact]
    public void still_succeeds_when_the_right_amount_comes_after_a_wrong_one()
    {
        page.Report(Purchase.OfSession(ReportedState.Paid, subtotal: Purchase.Usd(1)), Later).ShouldBe(ReportEffect.Mismatch);

        page.Report(Purchase.OfSession(ReportedState.Paid), Later).ShouldBe(ReportEffect.Succeeded);
    }

    [Fact]
    public void is_believed_of_no_report_that_says_no_amount()
    {
        foreach (var payment in new[] { page, intent })
        {
            payment.Report(Purchase.OfIntent(ReportedState.Paid) with { Total = null }, Later).ShouldBe(ReportEffect.Doubtful);
            payment.IsPaid.ShouldBeFalse();
        }
    }

    [Fact]
    public void by_the_intent_beneath_a_page_takes_discount_and_tax_from_the_session_when_that_comes()
    {
        // $5.00 off and $5.00 tax: the intent's amount says nothing of either.
        page.Report(Purchase.OfIntent(ReportedState.Paid), Later).ShouldBe(ReportEffect.Succeeded);
        page.Report(Purchase.OfSession(ReportedState.Paid, discount: 500, tax: 500), Later).ShouldBe(ReportEffect.None);

        (page.Total, page.Discount, page.Tax).ShouldBe((Purchase.Price, Purchase.Usd(500), Purchase.Usd(500)));
    }

    [Fact]
    public void by_the_session_keeps_its_totals_when_the_intent_comes_late()
    {
        page.Report(Purchase.OfSession(ReportedState.Paid, total: Purchase.Usd(1500), discount: 500), Later).ShouldBe(ReportEffect.Succeeded);
        page.Report(Purchase.OfIntent(ReportedState.Paid, total: Purchase.Usd(1500)), Later).ShouldBe(ReportEffect.Changed);

        (page.Total, page.Discount, page.ChargeId).ShouldBe((Purchase.Usd(1500), Purchase.Usd(500), Purchase.Charge));
    }

    [Fact]
    public void a_second_time_by_another_session_is_told_apart_from_an_echo()
    {
        page.Report(Purchase.OfSession(ReportedState.Paid), Later);
        var known = Purchase.Snapshot(page);

        page.Report(Purchase.OfSession(ReportedState.Paid, session: "cs_2", intent: "pi_2"), Later).ShouldBe(ReportEffect.PaidTwice);
        page.Report(Purchase.OfSession(ReportedState.Paid), Later).ShouldBe(ReportEffect.None);

        Purchase.Snapshot(page).ShouldBe(known);
    }

    [Fact]
    public void a_second_time_by_another_intent_is_told_apart_from_an_echo()
    {
        foreach (var payment in new[] { page, intent })
        {
            payment.Report(Purchase.OfIntent(ReportedState.Paid), Later).ShouldBe(ReportEffect.Succeeded);
            var known = Purchase.Snapshot(payment);

            payment.Report(Purchase.OfIntent(ReportedState.Paid, intent: "pi_2") with { ChargeId = "ch_2" }, Later).ShouldBe(ReportEffect.PaidTwice);

            Purchase.Snapshot(payment).ShouldBe(known);
        }
    }

    [Fact]
    public void remembers_the_session_and_the_intent_that_were_paid_not_those_that_were_tried()
    {
        // Reopened after an answer that never came: the first pair was abandoned.
        page.Report(Purchase.OfSession(ReportedState.Failed), Later);
        page.IntentId.ShouldBe(Purchase.Intent);

        page.Report(Purchase.OfSession(ReportedState.Paid, session: "cs_2", intent: "pi_2") with { ChargeId = "ch_2" }, Later).ShouldBe(ReportEffect.Succeeded);

        (page.SessionId, page.IntentId, page.ChargeId).ShouldBe(("cs_2", "pi_2", "ch_2"));
    }

    [Fact]
    public void by_an_intent_whose_session_comes_later_is_one_payment()
    {
        // As above, but the intent's event arrives before its session's.
        page.Report(Purchase.OfIntent(ReportedState.Paid, intent: "pi_2") with { ChargeId = "ch_2" }, Later).ShouldBe(ReportEffect.Succeeded);

        page.Report(Purchase.OfSession(ReportedState.Paid, session: "cs_2", intent: "pi_2"), Later).ShouldNotBe(ReportEffect.PaidTwice);
    }

    public static TheoryData<PaymentFlow, long, string> SaidOtherwiseLater => new()
    {
        { PaymentFlow.Checkout, 1999, "usd" },
        { PaymentFlow.Checkout, 2001, "usd" },
        { PaymentFlow.Checkout, 2000, "eur" },
        { PaymentFlow.Intent, 1999, "usd" },
        { PaymentFlow.Intent, 2000, "eur" },
    };

    [Theory]
    [MemberData(nameof(SaidOtherwiseLater))]
    public void with_an_amount_that_turns_out_to_be_another_is_told_and_changes_nothing(PaymentFlow flow, long minor, string currency)
    {
        var amount = new Money(minor, Currency.Of(currency));
        // The intent's event is first and fits; what the hosted page then says does not.
        var payment = flow == PaymentFlow.Checkout ? page : intent;
        payment.Report(Purchase.OfIntent(ReportedState.Paid), Later).ShouldBe(ReportEffect.Succeeded);
        var known = Purchase.Snapshot(payment);

        var said = flow == PaymentFlow.Checkout ? Purchase.OfSession(ReportedState.Paid, subtotal: amount, total: amount) : Purchase.OfIntent(ReportedState.Paid, total: amount);
        payment.Report(said, Later.AddMinutes(1)).ShouldBe(ReportEffect.Mismatch);

        Purchase.Snapshot(payment).ShouldBe(known);
    }
}
