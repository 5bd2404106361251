using Payments.Domain.Shared;

namespace Payments.Domain.Users.Credits;

public static class CreditRefusals
{
    public const long Maximum = CreditAmounts.Maximum;

    public static Refusal Insufficient(long wanted, long available) =>
        new(RefusalKind.Conflict, "credits.insufficient", $"{wanted} credits are needed and {available} can be spent.");

    public static Refusal ExceedsHold(long wanted, long held) =>
        new(RefusalKind.Conflict, "hold.exceeds", $"{wanted} credits are more than the {held} that the hold set aside.", "amount");

    public static Refusal HoldClosed(CreditHoldStatus status) =>
        new(RefusalKind.Conflict, "hold.closed", $"The hold is {status.ToString().ToLowerInvariant()} already.");

    public static Refusal HoldNotFound() => new(RefusalKind.NotFound, "hold.not_found", "There is no such hold of this user.");

    public static Refusal ReferenceReused(long before) =>
        new(RefusalKind.Unprocessable, "credits.reference_reused", $"This reason and reference were used before, for {before} credits.", "reference");

    public static Refusal ReferenceHeld() =>
        new(RefusalKind.Conflict, "credits.reference_held", "An open hold has this reason and reference; capture or release it.", "reference");

    public static Refusal AlreadySpent() =>
        new(RefusalKind.Conflict, "refund.credits_spent", "Credits of this purchase have been spent, and it was sold as not refundable then.");

    internal static void RequirePositive(long credits)
    {
        if (credits is < 1 or > Maximum)
        {
            throw new Refusal(RefusalKind.Invalid, "credits.amount_invalid", $"An amount of credits is a whole number from 1 to {Maximum}.", "amount");
        }
    }
}
