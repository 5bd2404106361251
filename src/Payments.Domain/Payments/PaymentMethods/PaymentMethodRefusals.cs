using Payments.Domain.Shared;

namespace Payments.Domain.Payments.PaymentMethods;

public static class PaymentMethodRefusals
{
    public static Refusal NotFound() => new(RefusalKind.NotFound, "payment_method.not_found", "There is no such saved card of yours.");

    public static Refusal NotACard() => new(RefusalKind.Invalid, "payment_method.not_a_card", "Only cards can be saved here.", "paymentMethodId");

    public static Refusal NotAttachable() => new(RefusalKind.Conflict, "payment_method.not_attachable", "This card was used or removed before and cannot be saved any more; enter it again.", "paymentMethodId");

    public static Refusal LastOfSubscription() =>
        new(RefusalKind.Conflict, "payment_method.last_of_subscription", "This is the last card of a running subscription. Add another one first, or remove it with force=true.");

    public static Refusal ReturnUrlNotAllowed() => new(RefusalKind.Invalid, "return_url.not_allowed", "The address to come back to must be one of the web app's.", "returnUrl");
}
