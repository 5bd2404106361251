using System.Collections.Immutable;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Orders;

public enum OrderStatus
{
    /// <summary>Its pieces are reserved and it can be paid.</summary>
    Pending,

    /// <summary>Paid; its pieces are sold.</summary>
    Confirmed,

    /// <summary>Its pieces are free again.</summary>
    Cancelled,
}

public enum CancelReason
{
    ByBuyer,

    /// <summary>Not paid in time.</summary>
    TimeOver,

    /// <summary>The page it was to be paid on closed.</summary>
    PaymentExpired,

    /// <summary>The payment failed, and no other try of it can come.</summary>
    PaymentFailed,
}

/// <summary>
/// Pieces of products at the prices of the moment it was placed. Its row lock comes before those of its payments and
/// of the stock.
/// </summary>
public sealed class Order
{
    /// <summary>Between tries to close it at the provider, by how often it was tried; the last one from then on.</summary>
    private static readonly ImmutableArray<int> MinutesBetweenTries = [1, 2, 4, 8, 16, 30];

    /// <summary>A bank debit takes days; its end is an event, and this only for the case that none comes.</summary>
    private static readonly TimeSpan WhileProcessing = TimeSpan.FromHours(1);

    private readonly List<OrderLine> lines = [];
    private string currency = "usd";
    private long totalMinor;

    private Order()
    {
    }

    public OrderId Id { get; private set; }

    public UserId UserId { get; private set; }

    public OrderStatus Status { get; private set; }

    public Money Total => new(totalMinor, Currency.Of(currency));

    public IReadOnlyList<OrderLine> Lines => lines;

    /// <summary>The payment that is to pay it, or has; the last one if there were several.</summary>
    public PaymentId? PaymentId { get; private set; }

    /// <summary>The caller's Idempotency-Key, by which a retry finds what its predecessor saved.</summary>
    public string? RequestKey { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>From this very moment it is not to be paid any more.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>It is being cancelled: nobody can begin to pay it, and what is open at the provider is closed first.</summary>
    public CancelReason? Closing { get; private set; }

    /// <summary>Why it was cancelled.</summary>
    public CancelReason? Cancelled { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>When to close it, or to try that again; null when there is nothing to do.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>How often closing it was tried.</summary>
    public int Tries { get; private set; }

    /// <summary>Of one line, as its buyer reads it.</summary>
    public string Description
    {
        get
        {
            var text = string.Join(", ", lines.OrderBy(l => l.Number).Select(l => l.Quantity == 1 ? l.Name : $"{l.Quantity} × {l.Name}"));
            return text.Length <= LongestDescription ? text : $"{text[..(LongestDescription - 1)].TrimEnd()}…";
        }
    }

    private const int LongestDescription = 200;

    /// <param name="wanted">Different products, with how many of each.</param>
    /// <param name="lifetime">In which it must be paid.</param>
    /// <exception cref="Refusal"><c>order.currencies_mixed</c>, <c>amount.too_small</c>, <c>amount.too_large</c></exception>
    public static Order Place(OrderId id, UserId userId, IReadOnlyList<(Product Product, int Quantity)> wanted, string? requestKey, TimeSpan lifetime, DateTimeOffset now)
    {
        var common = wanted[0].Product.Price.Currency;
        if (wanted.Any(w => w.Product.Price.Currency != common))
        {
            throw OrderRefusals.CurrenciesMixed();
        }

        var order = new Order { Id = id, UserId = userId, currency = common.Code, RequestKey = requestKey, CreatedAt = now, ExpiresAt = now + lifetime, DueAt = now + lifetime };
        foreach (var (product, quantity) in wanted)
        {
            order.lines.Add(new OrderLine(id, order.lines.Count, product, quantity));
            order.totalMinor += product.Price.Minor * quantity;
        }

        return order.totalMinor < common.LeastCharge ? throw OrderRefusals.TooSmall(new Money(common.LeastCharge, common))
            : order.totalMinor > PaymentTerms.MaximumMinor ? throw OrderRefusals.TooLarge(new Money(PaymentTerms.MaximumMinor, common))
            : order;
    }

    /// <exception cref="Refusal"><c>order.confirmed</c>, <c>order.cancelled</c></exception>
    public void RequirePayable(DateTimeOffset now)
    {
        if (Status == OrderStatus.Confirmed)
        {
            throw OrderRefusals.Confirmed();
        }

        if (Status == OrderStatus.Cancelled || Closing is not null || now >= ExpiresAt)
        {
            throw OrderRefusals.Cancelled();
        }
    }

    /// <summary>This is the one payment that is to pay it; null while another takes its place.</summary>
    public void ToBePaidBy(PaymentId? payment) => PaymentId = payment;

    /// <summary>From now on nobody begins to pay it; its payments are closed at the provider next.</summary>
    public void BeginClosing(CancelReason reason, DateTimeOffset now)
    {
        Closing ??= reason;
        DueAt = now + TimeSpan.FromMinutes(MinutesBetweenTries[Math.Min(Tries++, MinutesBetweenTries.Length - 1)]);
    }

    /// <summary>Its payment is under way, which decides; until then it is neither paid nor over.</summary>
    public void AwaitProcessing(DateTimeOffset now) => (Closing, DueAt) = (null, now + WhileProcessing);

    /// <summary>Paid in full.</summary>
    /// <returns>False: it was confirmed or cancelled before.</returns>
    public bool Confirm(PaymentId payment, DateTimeOffset now)
    {
        if (Status != OrderStatus.Pending)
        {
            return false;
        }

        PaymentId = payment;
        End(OrderStatus.Confirmed, now);
        return true;
    }

    /// <returns>False: it was confirmed or cancelled before, so its stock is not to be touched.</returns>
    public bool Cancel(CancelReason reason, DateTimeOffset now)
    {
        if (Status != OrderStatus.Pending)
        {
            return false;
        }

        Cancelled = Closing ?? reason;
        End(OrderStatus.Cancelled, now);
        return true;
    }

    /// <summary>Pieces of a refunded order have come back.</summary>
    /// <exception cref="Refusal"><c>order.restock_unknown</c>, <c>order.restock_exceeded</c></exception>
    public void Restock(ProductId product, int quantity)
    {
        if (Status != OrderStatus.Confirmed || lines.Find(l => l.ProductId == product) is not { } line)
        {
            throw OrderRefusals.RestockUnknown();
        }

        line.Restock(quantity);
    }

    private void End(OrderStatus status, DateTimeOffset now) => (Status, CompletedAt, DueAt, Closing) = (status, now, null, null);
}

/// <summary>So many pieces of one product, at the price of one.</summary>
public sealed class OrderLine
{
    private long priceMinor;
    private string currency = "usd";

    private OrderLine()
    {
    }

    internal OrderLine(OrderId orderId, int number, Product product, int quantity)
    {
        OrderId = orderId;
        Number = number;
        ProductId = product.Id;
        Name = product.Name;
        priceMinor = product.Price.Minor;
        currency = product.Price.Currency.Code;
        Quantity = quantity;
    }

    public OrderId OrderId { get; private set; }

    public int Number { get; private set; }

    public ProductId ProductId { get; private set; }

    /// <summary>Of the product when it was ordered.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Of one piece.</summary>
    public Money Price => new(priceMinor, Currency.Of(currency));

    public int Quantity { get; private set; }

    /// <summary>So many of them came back after a refund.</summary>
    public int Restocked { get; private set; }

    internal void Restock(int quantity)
    {
        if (quantity < 1 || quantity > Quantity - Restocked)
        {
            throw OrderRefusals.RestockTooMuch(Name, Quantity - Restocked);
        }

        Restocked += quantity;
    }
}
