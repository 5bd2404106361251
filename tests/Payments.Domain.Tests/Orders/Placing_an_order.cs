using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Orders;

public sealed class Placing_an_order
{
    private static readonly DateTimeOffset Now = new(2026, 7, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly UserId Ada = new(Guid.NewGuid());
    private static readonly PaymentId Payment = new(Guid.NewGuid());
    private static readonly Product Poster = Sold("Poster", 7900);
    private static readonly Product Mug = Sold("Mug", 1250);

    [Fact]
    public void It_keeps_the_prices_of_that_moment()
    {
        var product = Sold("Poster", 7900);
        var order = Place((product, 2), (Mug, 1));
        product.Edit(product.Terms with { Name = "Print", Price = new Money(1, Currency.Of("usd")) });

        order.Total.ShouldBe(new Money(17050, Currency.Of("usd")));
        order.Lines.Select(l => (l.Name, l.Quantity, l.Price.Minor)).ShouldBe([("Poster", 2, 7900L), ("Mug", 1, 1250L)]);
        order.Description.ShouldBe("2 × Poster, Mug");
        (order.Status, order.ExpiresAt, order.DueAt).ShouldBe((OrderStatus.Pending, Now.AddMinutes(30), Now.AddMinutes(30)));
    }

    [Fact]
    public void A_long_one_is_described_in_one_line()
    {
        var order = Place([.. Enumerable.Range(0, 30).Select(i => (Sold($"A product with a name {i}", 100), 3))]);

        order.Description.Length.ShouldBeLessThanOrEqualTo(200);
        order.Description.ShouldEndWith("…");
    }

    [Fact]
    public void Two_currencies_are_refused() =>
        Should.Throw<Refusal>(() => Place((Poster, 1), (new Product(new ProductId(Guid.NewGuid()), new ProductTerms("Tasse", new Money(1200, Currency.Of("eur")), true, 0)), 1))).Code.ShouldBe("order.currencies_mixed");

    [Fact]
    public void More_than_the_provider_takes_is_refused() =>
        Should.Throw<Refusal>(() => Place((Sold("Car", 90_000_00), 20))).Code.ShouldBe("amount.too_large");

    [Fact]
    public void Less_than_the_provider_takes_is_refused_and_several_small_things_are_not()
    {
        var refusal = Should.Throw<Refusal>(() => Place((Sold("Sticker", 20), 2)));

        (refusal.Code, refusal.Field).ShouldBe(("amount.too_small", "items"));
        Place((Sold("Sticker", 20), 3)).Total.Minor.ShouldBe(60);
    }

    [Fact]
    public void A_product_in_a_currency_that_nothing_is_charged_in_is_refused() =>
        Should.Throw<Refusal>(() => new Product(new ProductId(Guid.NewGuid()), new ProductTerms("Coin", new Money(999, Currency.Of("zzz")), true, 0))).Field.ShouldBe("price.currency");

    [Fact]
    public void It_is_payable_until_the_very_moment_it_expires()
    {
        var order = Place((Poster, 1));

        order.RequirePayable(Now.AddMinutes(30).AddTicks(-10));
        Should.Throw<Refusal>(() => order.RequirePayable(Now.AddMinutes(30))).Code.ShouldBe("order.cancelled");
    }

    [Fact]
    public void While_it_is_closing_nobody_begins_to_pay_it()
    {
        var order = Place((Poster, 1));

        order.BeginClosing(CancelReason.ByBuyer, Now);

        Should.Throw<Refusal>(() => order.RequirePayable(Now)).Code.ShouldBe("order.cancelled");
        order.Status.ShouldBe(OrderStatus.Pending);
        order.DueAt.ShouldBe(Now.AddMinutes(1));
    }

    [Fact]
    public void Closing_is_tried_again_after_longer_and_longer_silence()
    {
        var order = Place((Poster, 1));
        var waits = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            order.BeginClosing(CancelReason.TimeOver, Now);
            waits.Add((order.DueAt!.Value - Now).TotalMinutes);
        }

        waits.ShouldBe([1, 2, 4, 8, 16, 30, 30, 30]);
    }

    [Fact]
    public void It_ends_once_and_the_first_end_counts()
    {
        var confirmed = Place((Poster, 1));
        confirmed.Confirm(Payment, Now).ShouldBeTrue();
        confirmed.Confirm(new PaymentId(Guid.NewGuid()), Now).ShouldBeFalse();
        confirmed.Cancel(CancelReason.ByBuyer, Now).ShouldBeFalse();
        (confirmed.Status, confirmed.PaymentId, confirmed.DueAt, confirmed.Cancelled).ShouldBe((OrderStatus.Confirmed, Payment, null, null));
        Should.Throw<Refusal>(() => confirmed.RequirePayable(Now)).Code.ShouldBe("order.confirmed");

        var cancelled = Place((Poster, 1));
        cancelled.BeginClosing(CancelReason.ByBuyer, Now);
        cancelled.Cancel(CancelReason.PaymentExpired, Now).ShouldBeTrue();
        cancelled.Cancel(CancelReason.TimeOver, Now).ShouldBeFalse();
        cancelled.Confirm(Payment, Now).ShouldBeFalse();
        (cancelled.Status, cancelled.Cancelled, cancelled.DueAt).ShouldBe((OrderStatus.Cancelled, CancelReason.ByBuyer, null));
    }

    [Fact]
    public void It_is_confirmed_even_while_it_is_closing()
    {
        var order = Place((Poster, 1));
        order.BeginClosing(CancelReason.TimeOver, Now);

        order.Confirm(Payment, Now).ShouldBeTrue();

        (order.Status, order.Closing).ShouldBe((OrderStatus.Confirmed, null));
    }

    [Fact]
    public void No_more_comes_back_than_was_sold()
    {
        var order = Place((Poster, 3));
        Should.Throw<Refusal>(() => order.Restock(Poster.Id, 1)).Code.ShouldBe("order.restock_unknown");
        order.Confirm(Payment, Now);

        order.Restock(Poster.Id, 2);

        Should.Throw<Refusal>(() => order.Restock(Poster.Id, 2)).Code.ShouldBe("order.restock_exceeded");
        Should.Throw<Refusal>(() => order.Restock(Poster.Id, 0)).Code.ShouldBe("order.restock_exceeded");
        Should.Throw<Refusal>(() => order.Restock(Mug.Id, 1)).Code.ShouldBe("order.restock_unknown");
        order.Lines[0].Restocked.ShouldBe(2);
    }

    private static Order Place(params (Product Product, int Quantity)[] wanted) => Order.Place(new OrderId(Guid.NewGuid()), Ada, wanted, null, TimeSpan.FromMinutes(30), Now);

    private static Product Sold(string name, long minor) => new(new ProductId(Guid.NewGuid()), new ProductTerms(name, new Money(minor, Currency.Of("usd")), true, 0));
}

public sealed class Counting_pieces
{
    [Fact]
    public void They_move_and_none_is_lost()
    {
        var stock = New(10);

        stock.Reserve(4, "Poster");
        stock.Sell(1);
        stock.Release(2);
        stock.Restock(1);

        (stock.Available, stock.Reserved, stock.Sold).ShouldBe((9, 1, 0));
    }

    [Fact]
    public void More_than_is_free_is_refused_and_changes_nothing()
    {
        var stock = New(1);

        Should.Throw<Refusal>(() => stock.Reserve(2, "Poster")).Message.ShouldBe("Of Poster only 1 are left.");

        (stock.Available, stock.Reserved, stock.Sold).ShouldBe((1, 0, 0));
    }

    [Fact]
    public void What_is_not_there_cannot_be_released_sold_or_brought_back()
    {
        var stock = New(5);
        stock.Reserve(1, "Poster");

        Should.Throw<InvalidOperationException>(() => stock.Release(2));
        Should.Throw<InvalidOperationException>(() => stock.Sell(2));
        Should.Throw<InvalidOperationException>(() => stock.Restock(1));

        (stock.Available, stock.Reserved, stock.Sold).ShouldBe((4, 1, 0));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_000_001)]
    public void A_count_below_nothing_or_beyond_all_bounds_is_refused(int count) => Should.Throw<Refusal>(() => New(5).SetAvailable(count)).Code.ShouldBe("stock.invalid");

    private static Stock New(int available) => new(new ProductId(Guid.NewGuid()), available);
}
