using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Orders;

/// <summary>Where the pieces of a product are. Changed only under its row lock; no count is ever below zero.</summary>
public sealed class Stock
{
    public const int Most = 1_000_000_000;

    private Stock()
    {
    }

    /// <exception cref="Refusal"><c>stock.invalid</c></exception>
    public Stock(ProductId productId, int available)
    {
        ProductId = productId;
        SetAvailable(available);
    }

    public ProductId ProductId { get; private set; }

    /// <summary>Free to be ordered.</summary>
    public int Available { get; private set; }

    /// <summary>In orders that are not paid yet.</summary>
    public int Reserved { get; private set; }

    /// <summary>In orders that are paid, less what came back.</summary>
    public int Sold { get; private set; }

    /// <summary>Counted anew; what is reserved or sold stays so.</summary>
    /// <exception cref="Refusal"><c>stock.invalid</c></exception>
    public void SetAvailable(int available) => Available = available is >= 0 and <= Most
        ? available
        : throw new Refusal(RefusalKind.Invalid, "stock.invalid", $"A stock is a whole number from 0 to {Most}.", "available");

    /// <exception cref="Refusal"><c>order.out_of_stock</c></exception>
    public void Reserve(int quantity, string name)
    {
        if (quantity > Available)
        {
            throw OrderRefusals.OutOfStock(name, Available);
        }

        Available -= quantity;
        Reserved += quantity;
    }

    public void Release(int quantity)
    {
        RequireAtLeast(Reserved, quantity);
        Reserved -= quantity;
        Available += quantity;
    }

    public void Sell(int quantity)
    {
        RequireAtLeast(Reserved, quantity);
        Reserved -= quantity;
        Sold += quantity;
    }

    /// <exception cref="Refusal"><c>stock.full</c></exception>
    public void Restock(int quantity)
    {
        RequireAtLeast(Sold, quantity);
        if (quantity > Most - Available)
        {
            throw OrderRefusals.StockFull(Most);
        }

        Sold -= quantity;
        Available += quantity;
    }

    private void RequireAtLeast(int count, int quantity)
    {
        if (quantity > count)
        {
            throw new InvalidOperationException($"Of product {ProductId} {quantity} pieces would leave a count of {count}.");
        }
    }
}
