using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Subscriptions;

public static class SubscriptionRefusals
{
    public const string BusyCode = "subscription.busy";

    public static Refusal NotFound() => new(RefusalKind.NotFound, "subscription.not_found", "There is no such subscription of yours.");

    public static Refusal Over() => new(RefusalKind.Conflict, "subscription.over", "The subscription has ended; start a new one.");

    public static Refusal Busy() => new(RefusalKind.Conflict, BusyCode, "Another change of this subscription is under way; look again in a moment.");

    public static Refusal Unchanged() => new(RefusalKind.Conflict, "subscription.unchanged", "The subscription is like that already.");

    public static Refusal Exists() => new(RefusalKind.Conflict, "subscription.exists", "You have a live subscription of this family; change that one instead.", "planId");

    public static Refusal BeingPaid() => new(RefusalKind.Conflict, "subscription.being_paid", "Your payment for this is on its way; it takes a while until your bank has confirmed it.", "planId");

    public static Refusal OtherFamily() => new(RefusalKind.Conflict, "plan.other_family", "A subscription changes only to a plan of its own family.", "planId");

    public static Refusal OtherCurrency() => new(RefusalKind.Conflict, "plan.other_currency", "A subscription keeps its currency.", "planId");

    public static Refusal NothingToResume() => new(RefusalKind.Conflict, "subscription.not_cancelling", "The subscription is neither cancelling nor paused.");

    public static Refusal NotChangeable(SubscriptionStatus status) =>
        new(RefusalKind.Conflict, "subscription.not_changeable", $"A subscription that is {Words(status)} cannot be changed; pay what is open first.");

    public static Refusal NoCard() => new(RefusalKind.Conflict, "subscription.no_card", "Save a card first; the subscription goes on with it.");

    public static Refusal PaymentDeclined(string reason) => new(RefusalKind.Conflict, "subscription.payment_declined", reason);

    public static Refusal ActionRequired() =>
        new(RefusalKind.Conflict, "subscription.action_required", "Your bank wants this payment confirmed: change the plan in the customer portal, where you can.");

    public static Refusal NotAccepted(string reason) => new(RefusalKind.Conflict, "subscription.not_accepted", reason);

    private static string Words(SubscriptionStatus status) => status switch
    {
        SubscriptionStatus.PastDue => "past due",
        SubscriptionStatus.IncompleteExpired => "expired",
        _ => status.ToString().ToLowerInvariant(),
    };
}
