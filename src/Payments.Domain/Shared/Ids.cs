namespace Payments.Domain.Shared;

/// <summary>A user: the <c>sub</c> of the caller's token, or mapped from (issuer, sub).</summary>
public readonly record struct UserId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A payment of ours; sent along to the provider as metadata <c>payment_id</c> and as idempotency key.</summary>
public readonly record struct PaymentId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A refund of ours; sent along to the provider as metadata <c>refund_id</c> and as idempotency key.</summary>
public readonly record struct RefundId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct DisputeId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct CreditPackId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A plan of ours; sent along to the provider as metadata <c>plan_id</c>.</summary>
public readonly record struct PlanId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct ItemId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct ProductId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct OrderId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct CreditLotId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct CreditHoldId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A subscription of ours; the provider's own id is its <c>GatewayId</c>.</summary>
public readonly record struct SubscriptionId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct InvoiceId(Guid Value)
{
    public override string ToString() => Value.ToString();
}
