using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Disputes;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Charges;

public sealed class Owning_a_resource
{
    private static readonly UserId Buyer = new(Guid.NewGuid());
    private static readonly Item Course = new(new ItemId(Guid.NewGuid()), new ItemTerms("Course", ItemType.Course, "cloud", Purchase.Price, null, true, 0));

    [Fact]
    public void Is_by_the_one_payment_that_there_is()
    {
        Ownership.ForNothing([Paid(0)], [], []).ShouldBeEmpty();
        Ownership.ForNothing([Paid(0), Unpaid(1)], [], []).ShouldBeEmpty();
    }

    [Fact]
    public void Is_by_the_one_opened_first_when_both_were_paid()
    {
        var (first, second) = (Paid(0), Paid(1));

        Ownership.ForNothing([second, first], [], []).ShouldBe([second]);
    }

    [Fact]
    public void Is_by_the_one_opened_after_a_refund_that_failed_in_the_end()
    {
        var (first, second) = (Paid(0), Paid(10));

        Ownership.ForNothing([first, second], [Failed(first, 5)], []).ShouldBe([first]);
    }

    [Fact]
    public void Is_by_the_first_when_a_refund_of_it_began_only_after_the_second_was_opened()
    {
        var (first, second) = (Paid(0), Paid(10));

        Ownership.ForNothing([first, second], [Failed(first, 15)], []).ShouldBe([second]);
    }

    [Fact]
    public void Is_by_the_first_when_only_a_part_of_it_went_back()
    {
        var (first, second) = (Paid(0), Paid(10));

        Ownership.ForNothing([first, second], [Failed(first, 5, Purchase.Usd(1999))], []).ShouldBe([second]);
        Ownership.ForNothing([first, second], [Failed(first, 5, Purchase.Usd(1999)), Failed(first, 6, Purchase.Usd(1))], []).ShouldBe([first]);
    }

    [Fact]
    public void Is_by_the_one_opened_after_a_dispute_that_was_won_in_the_end()
    {
        var (first, second) = (Paid(0), Paid(10));
        var dispute = new Dispute(new DisputeId(Guid.NewGuid()), first.Id, "dp_1", "ch_1", ofSurplus: false, Purchase.Price, "general", Purchase.Start.AddMinutes(5));
        dispute.Report(DisputeStatus.Won, Purchase.Price, null, null, Purchase.Start.AddDays(1));

        Ownership.ForNothing([first, second], [], [dispute]).ShouldBe([first]);
    }

    [Fact]
    public void Is_by_one_alone_of_three_that_all_came_back()
    {
        var (first, second, third) = (Paid(0), Paid(10), Paid(20));

        Ownership.ForNothing([first, second, third], [Failed(first, 5), Failed(second, 15)], []).ShouldBe([first, second]);
    }

    [Fact]
    public void Is_not_by_what_bought_nothing()
    {
        var (first, second) = (Paid(0), Paid(10));
        first.BoughtNothing(UndeliveredReason.AlreadyOwned);

        first.Stands.ShouldBeFalse();
        Ownership.ForNothing([first, second], [], []).ShouldBeEmpty();
    }

    private static Payment Unpaid(int minutes) =>
        Payment.Open(new PaymentId(Guid.NewGuid()), Buyer, PaymentFlow.Intent, PaymentTerms.ForItem(Course, 30), null, null, null, null, Purchase.Start.AddMinutes(minutes));

    private static Payment Paid(int minutes)
    {
        var payment = Unpaid(minutes);
        payment.Report(Purchase.OfIntent(ReportedState.Paid), Purchase.Start.AddMinutes(minutes + 1)).ShouldBe(ReportEffect.Succeeded);
        return payment;
    }

    private static Refund Failed(Payment payment, int minutes, Money? amount = null)
    {
        var refund = Refund.Found(new RefundId(Guid.NewGuid()), payment.Id, $"re_{minutes}", amount ?? Purchase.Price, RefundReason.Other, "pi_1", ofSurplus: false, Purchase.Start.AddMinutes(minutes));
        refund.Report(RefundStatus.Failed, $"re_{minutes}", "declined", Purchase.Start.AddHours(1));
        return refund;
    }
}
