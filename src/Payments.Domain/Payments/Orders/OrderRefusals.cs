using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Orders;

public static class OrderRefusals
{
    public static Refusal NotFound() => new(RefusalKind.NotFound, "order.not_found", "There is no such order of yours.");

    public static Refusal OutOfStock(string name, int available) => new(
        RefusalKind.Conflict, "order.out_of_stock", available == 0 ? $"{name} is sold out." : $"Of {name} only {available} are left.", "items");

    public static Refusal ProductUnknown() => new(RefusalKind.NotFound, "product.not_found", "There is no such product on sale.", "items");

    public static Refusal CurrenciesMixed() => new(RefusalKind.Invalid, "order.currencies_mixed", "All products of an order have prices in one currency.", "items");

    public static Refusal TooSmall(Money least) => new(RefusalKind.Invalid, "amount.too_small", $"An order costs at least {MoneyText.Format(least)}.", "items");

    public static Refusal TooLarge(Money most) => new(RefusalKind.Invalid, "amount.too_large", $"An order may cost at most {MoneyText.Format(most)}.", "items");

    public static Refusal Confirmed() => new(RefusalKind.Conflict, "order.confirmed", "The order has been paid.", "orderId");

    public static Refusal Cancelled() => new(RefusalKind.Conflict, "order.cancelled", "The order has been cancelled; please place it again.", "orderId");

    public static Refusal BeingPaid() => new(RefusalKind.Conflict, "order.being_paid", "The payment for this order is on its way; it takes a while until it is confirmed.", "orderId");

    public static Refusal RestockTooMuch(string name, int most) => new(RefusalKind.Invalid, "order.restock_exceeded", $"Of {name} at most {most} pieces can come back.", "restock");

    public static Refusal StockFull(int most) => new(RefusalKind.Conflict, "stock.full", $"With these back, more than {most} pieces would be on sale: set the stock lower first, or leave them out.", "restock");

    public static Refusal RestockUnknown() => new(RefusalKind.Invalid, "order.restock_unknown", "Only what was sold in the payment's order can come back.", "restock");
}
