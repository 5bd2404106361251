namespace Payments.Domain.Payments.Charges;

public enum PaymentStatus
{
    /// <summary>Opened; nothing has been paid and nothing has gone wrong.</summary>
    Pending,

    /// <summary>The buyer's bank wants a confirmation (3-D Secure).</summary>
    RequiresAction,

    /// <summary>Accepted and on its way (bank debits take days).</summary>
    Processing,

    Succeeded,

    /// <summary>The last attempt failed; another try of the same session may still succeed.</summary>
    Failed,

    Canceled,

    /// <summary>The hosted page closed before anything was paid. Not a failure: it never blocks the next try.</summary>
    Expired,

    PartiallyRefunded,
    Refunded,
    Disputed,

    /// <summary>A dispute was lost.</summary>
    Lost,
}

public enum PaymentKind
{
    CreditPack,
    CreditAmount,

    /// <summary>A subscription's first payment, its renewals, and what a change of it cost.</summary>
    Subscription,

    /// <summary>A course, a learning path or a lab: its buyer gets access to it.</summary>
    Item,

    /// <summary>Everything in an order, at once.</summary>
    Order,
}

/// <summary>Why a paid payment bought nothing. Its money is given back.</summary>
public enum UndeliveredReason
{
    /// <summary>The item had been bought already.</summary>
    AlreadyOwned,

    /// <summary>The order had been paid already.</summary>
    AlreadyPaid,

    /// <summary>The order had been cancelled, and its pieces may be somebody else's.</summary>
    OrderCancelled,

    /// <summary>The subscription had ended.</summary>
    SubscriptionEnded,
}

public enum PaymentFlow
{
    /// <summary>The provider's hosted page.</summary>
    Checkout,

    /// <summary>A custom page with the provider's elements.</summary>
    Intent,

    /// <summary>The provider bills by itself: a renewal, a change of plan.</summary>
    Invoice,
}

/// <summary>What an admin said of money that is not what was agreed.</summary>
public enum MismatchDecision
{
    /// <summary>It counts as what was agreed.</summary>
    Accepted,

    /// <summary>It is given back.</summary>
    Returned,
}
