using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Charges;

public sealed class Being_paid_another_amount
{
    private static readonly DateTimeOffset Later = Purchase.Start.AddMinutes(10);

    private readonly Payment payment = Purchase.Opened(PaymentFlow.Checkout);

    private static PaymentReport Cheaper => Purchase.OfSession(ReportedState.Paid, subtotal: Purchase.Usd(1500), total: Purchase.Usd(1200), discount: 300);

    [Fact]
    public void awaits_a_decision_and_says_what_was_asked_and_taken()
    {
        payment.Report(Cheaper, Later).ShouldBe(ReportEffect.Mismatch);

        payment.AwaitsDecision.ShouldBeTrue();
        payment.Mismatch.ShouldBe(new Mismatch(Purchase.Usd(1500), Purchase.Usd(1200), Purchase.Intent, null));
        payment.IsPayable(Later).ShouldBeFalse("somebody has paid already");
        payment.Checked(Later);
        payment.NextCheckAt.ShouldBeNull("asking again tells nothing new");
    }

    [Fact]
    public void and_accepted_is_paid_by_the_same_report_for_what_was_agreed()
    {
        payment.Report(Cheaper, Later);
        payment.AcceptMismatch(Later);

        (payment.Amount, payment.NextCheckAt, payment.AwaitsDecision).ShouldBe((Purchase.Usd(1500), Later, false));
        payment.Report(Cheaper with { IsFresh = true }, Later).ShouldBe(ReportEffect.Succeeded);
        (payment.Credits, payment.Paid).ShouldBe((500, Purchase.Usd(1200)));
        Should.Throw<Refusal>(() => payment.AcceptMismatch(Later)).Code.ShouldBe("payment.no_mismatch");
    }

    [Fact]
    public void in_another_currency_can_only_be_given_back()
    {
        payment.Report(Purchase.OfSession(ReportedState.Paid, subtotal: new Money(2000, Currency.Of("eur")), total: new Money(2000, Currency.Of("eur"))), Later);

        Should.Throw<Refusal>(() => payment.AcceptMismatch(Later)).Code.ShouldBe("payment.mismatch_currency");
        payment.ReturnMismatch(Later).Taken.ShouldBe(new Money(2000, Currency.Of("eur")));
    }

    [Fact]
    public void and_given_back_stays_so_however_often_it_is_told()
    {
        payment.Report(Cheaper, Later);
        payment.ReturnMismatch(Later).Taken.ShouldBe(Purchase.Usd(1200));

        for (var again = 0; again < 3; again++)
        {
            payment.Report(Cheaper with { IsFresh = again == 1 }, Later).ShouldBe(ReportEffect.None);
        }

        (payment.Status, payment.FailureCode, payment.AwaitsDecision, payment.IsPaid).ShouldBe((PaymentStatus.Canceled, "amount_mismatch", false, false));
        Should.Throw<Refusal>(() => payment.ReturnMismatch(Later)).Code.ShouldBe("payment.no_mismatch");
    }

    [Fact]
    public void beside_the_right_one_is_given_back_alone()
    {
        payment.Report(Purchase.OfSession(ReportedState.Paid, subtotal: Purchase.Usd(100), total: Purchase.Usd(100), session: "cs_2", intent: "pi_2"), Later).ShouldBe(ReportEffect.Mismatch);
        payment.Report(Purchase.OfSession(ReportedState.Paid), Later).ShouldBe(ReportEffect.Succeeded);

        payment.AwaitsDecision.ShouldBeTrue("the other money is still here");
        payment.ReturnMismatch(Later).IntentId.ShouldBe("pi_2");
        (payment.Status, payment.Paid).ShouldBe((PaymentStatus.Succeeded, Purchase.Price));
    }

    [Fact]
    public void that_the_provider_takes_back_awaits_nothing()
    {
        payment.Report(Cheaper, Later);
        payment.Report(Purchase.OfSession(ReportedState.Paid), Later).ShouldBe(ReportEffect.Succeeded);
        payment.Mismatch.ShouldBeNull();

        payment.Report(Cheaper, Later).ShouldBe(ReportEffect.Mismatch);
        Should.Throw<Refusal>(() => payment.ReturnMismatch(Later)).Code.ShouldBe("payment.mismatch_paid");
        payment.Report(Purchase.OfSession(ReportedState.Paid, fresh: true), Later);
        payment.Mismatch.ShouldBeNull("the provider, asked, says what was agreed");
    }
}
