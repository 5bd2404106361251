using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Charges;

public sealed class Trying_to_take_the_money
{
    private static readonly DateTimeOffset Now = new(2026, 7, 29, 12, 0, 0, TimeSpan.Zero);

    private readonly PaymentAttempt attempt = new(new PaymentId(new Guid("a0000000-0000-4000-8000-000000000001")), "ch_1", new Money(1999, Currency.Of("usd")), Now);

    [Fact]
    public void is_pending_until_it_is_known()
    {
        attempt.Report(AttemptOutcome.Pending, "card", null, null, null, null);

        attempt.Outcome.ShouldBe(AttemptOutcome.Pending);
        attempt.Amount.ShouldBe(new Money(1999, Currency.Of("usd")));
        attempt.At.ShouldBe(Now);
    }

    [Fact]
    public void fails_with_its_reason()
    {
        attempt.Report(AttemptOutcome.Failed, "card", "visa", "0002", "card_declined", "Your card was declined.");

        attempt.Outcome.ShouldBe(AttemptOutcome.Failed);
        attempt.FailureCode.ShouldBe("card_declined");
        attempt.Reason.ShouldBe("Your card was declined.");
        (attempt.CardBrand, attempt.CardLast4, attempt.MethodType).ShouldBe(("visa", "0002", "card"));
    }

    public static TheoryData<AttemptOutcome, AttemptOutcome> Endings => new()
    {
        { AttemptOutcome.Succeeded, AttemptOutcome.Failed },
        { AttemptOutcome.Succeeded, AttemptOutcome.Pending },
        { AttemptOutcome.Failed, AttemptOutcome.Succeeded },
        { AttemptOutcome.Failed, AttemptOutcome.Pending },
    };

    [Theory]
    [MemberData(nameof(Endings))]
    public void ends_once(AttemptOutcome first, AttemptOutcome later)
    {
        attempt.Report(first, "card", "visa", "4242", first == AttemptOutcome.Failed ? "expired_card" : null, null);

        attempt.Report(later, "card", "mastercard", "4444", "late", "Late.");

        attempt.Outcome.ShouldBe(first);
        attempt.FailureCode.ShouldBe(first == AttemptOutcome.Failed ? "expired_card" : null);
        attempt.Reason.ShouldBeNull();
        attempt.CardLast4.ShouldBe("4242");
    }

    [Fact]
    public void learns_its_card_late()
    {
        attempt.Report(AttemptOutcome.Succeeded, null, null, null, null, null);

        attempt.Report(AttemptOutcome.Succeeded, "card", "visa", "4242", null, null);

        (attempt.MethodType, attempt.CardBrand, attempt.CardLast4).ShouldBe(("card", "visa", "4242"));
    }

    [Fact]
    public void moves_from_pending_to_its_end()
    {
        attempt.Report(AttemptOutcome.Pending, "us_bank_account", null, null, null, null);

        attempt.Report(AttemptOutcome.Succeeded, null, null, null, null, null);

        attempt.Outcome.ShouldBe(AttemptOutcome.Succeeded);
        attempt.MethodType.ShouldBe("us_bank_account");
    }
}
