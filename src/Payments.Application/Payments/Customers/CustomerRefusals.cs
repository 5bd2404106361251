using Payments.Domain.Shared;

namespace Payments.Application.Payments.Customers;

public static class CustomerRefusals
{
    public static Refusal StillSubscribed() =>
        new(RefusalKind.Conflict, "erasure.subscription_live", "A subscription of this user is still live; cancel it first, and erase when it has ended.");
}
