using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Charges;

public sealed class Buying_a_thing
{
    private static readonly Item Course = new(new ItemId(Guid.NewGuid()), new ItemTerms("Cloud foundations", ItemType.Course, "cloud", Purchase.Price, 7, true, 1));

    [Fact]
    public void The_refund_window_is_open_to_its_last_microsecond_and_no_longer()
    {
        var payment = Paid();
        var until = Purchase.Start.AddMinutes(1).AddDays(30);

        payment.RefundableUntil.ShouldBe(until);
        payment.RequireRefundWindow(until.AddTicks(-10));
        Should.Throw<Refusal>(() => payment.RequireRefundWindow(until)).Code.ShouldBe("purchase.refund_window_over");
    }

    [Fact]
    public void What_is_not_paid_bought_nothing_or_is_no_item_is_not_given_back_by_its_buyer()
    {
        Should.Throw<Refusal>(() => Opened().RequireRefundWindow(Purchase.Start)).Code.ShouldBe("refund.not_paid");
        var twice = Paid();
        twice.BoughtNothing(UndeliveredReason.AlreadyOwned);
        Should.Throw<Refusal>(() => twice.RequireRefundWindow(Purchase.Start.AddDays(1))).Code.ShouldBe("purchase.not_refundable");
        Should.Throw<Refusal>(() => Purchase.In(PaymentStatus.Succeeded, PaymentFlow.Checkout).RequireRefundWindow(Purchase.Start.AddDays(1))).Code.ShouldBe("purchase.not_refundable");
    }

    [Fact]
    public void The_window_is_the_one_of_the_day_it_was_bought()
    {
        var item = new Item(Course.Id, Course.Terms);
        var payment = Paid();
        item.Edit(item.Terms with { RefundWindowDays = 0, ResourceId = "moved" });

        payment.RefundWindowDays.ShouldBe(30);
        payment.Access.ShouldBe(new ResourceReference("course", "cloud"));
    }

    [Fact]
    public void Its_access_stands_as_its_money_does()
    {
        Opened().AccessState.ShouldBeNull();
        var payment = Paid();
        payment.AccessState.ShouldBe(AccessState.Given);

        payment.Reverse([Succeeded(payment, 500)], []);
        payment.AccessState.ShouldBe(AccessState.Given);
        payment.Reverse([Succeeded(payment, 500), Succeeded(payment, 1500)], []);
        payment.AccessState.ShouldBe(AccessState.Revoked);

        var twice = Paid();
        twice.BoughtNothing(UndeliveredReason.AlreadyOwned);
        twice.AccessState.ShouldBeNull();
    }

    [Fact]
    public void A_failure_on_a_closed_page_is_the_end_and_one_on_an_open_page_is_not()
    {
        var later = Purchase.Start.AddMinutes(2);
        var declined = Purchase.In(PaymentStatus.Failed, PaymentFlow.Checkout);
        declined.IsPayable(later).ShouldBeTrue();

        declined.Report(Purchase.Said(ReportedState.Failed, PaymentFlow.Checkout) with { IsFinal = true }, later);

        declined.IsPayable(later).ShouldBeFalse();
        declined.SessionExpiresAt.ShouldBe(later);
    }

    [Fact]
    public void Nobody_pays_what_is_over_or_was_never_opened()
    {
        Opened().IsPayable(Purchase.Start).ShouldBeTrue();
        Purchase.In(PaymentStatus.Processing, PaymentFlow.Checkout).IsPayable(Purchase.Start).ShouldBeTrue();
        Purchase.In(PaymentStatus.Expired, PaymentFlow.Checkout).IsPayable(Purchase.Start).ShouldBeFalse();
        Purchase.In(PaymentStatus.Canceled, PaymentFlow.Intent).IsPayable(Purchase.Start).ShouldBeFalse();
        Purchase.In(PaymentStatus.Succeeded, PaymentFlow.Intent).IsPayable(Purchase.Start).ShouldBeFalse();
        Purchase.In(PaymentStatus.Failed, PaymentFlow.Intent).IsPayable(Purchase.Start).ShouldBeTrue();
        var refused = Purchase.New(PaymentFlow.Intent);
        refused.OpeningRefused("refused", "No.", Purchase.Start);
        refused.IsPayable(Purchase.Start).ShouldBeFalse();
    }

    private static Payment Opened()
    {
        var payment = Payment.Open(
            new PaymentId(Guid.NewGuid()), new UserId(Guid.NewGuid()), PaymentFlow.Checkout, PaymentTerms.ForItem(Course, 30), null, null, null, Purchase.PageCloses, Purchase.Start);
        payment.SessionOpened(Purchase.Session, "https://pay.example/cs_1", Purchase.PageCloses, Purchase.Start);
        return payment;
    }

    private static Payment Paid()
    {
        var payment = Opened();
        payment.Report(Purchase.Said(ReportedState.Paid, PaymentFlow.Checkout), Purchase.Start.AddMinutes(1));
        return payment;
    }

    private static Refund Succeeded(Payment payment, long minor)
    {
        var refund = Refund.Request(
            new RefundId(Guid.NewGuid()), payment.Id, Purchase.Usd(minor), RefundReason.RequestedByCustomer, RefundOrigin.SelfService, null, null, null, Purchase.Intent, ofSurplus: false, Purchase.Start);
        refund.Report(RefundStatus.Succeeded, $"re_{minor}", null, Purchase.Start);
        return refund;
    }
}
