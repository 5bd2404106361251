using System.Text.RegularExpressions;
using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Catalog;

namespace Payments.Infrastructure.Stripe;

/// <summary>Plans are Stripe's recurring prices, each of a product.</summary>
internal sealed partial class StripePlans(StripeCalls calls, StripeOptions options) : IPlanGateway
{
    private const string Prices = "/v1/prices";
    private const string CreatePrice = "POST " + Prices;

    public GatewayAccount Account { get; } = options.Account();

    public PreparedCall PreparePrice(NewPrice price)
    {
        var form = new StripeForm()
            .Set("currency", price.Terms.Amount.Currency.Code)
            .Set("unit_amount", price.Terms.Amount.Minor)
            .Nest("recurring", recurring => recurring
                .Set("interval", Interval(price.Terms.Interval))
                .Set("interval_count", price.Terms.IntervalCount))
            .Set("lookup_key", price.Key.ToString());
        if (price.ProductId is { } product)
        {
            form.Set("product", product);
        }
        else
        {
            form.Nest("product_data", data => data
                .Set("name", price.ProductName)
                .Nest("metadata", metadata => metadata.Set("plan_id", price.PlanId.ToString())));
        }

        return new PreparedCall(CreatePrice, form.Nest("metadata", metadata => metadata.Set("plan_id", price.PlanId.ToString())).List("expand", "product").ToString());
    }

    public string PriceOf(PreparedCall call) => AskedPrice().Match(call.Body) is { Success: true } asked
        ? asked.Value
        : throw new ArgumentException($"{call.Operation} asks for no price.", nameof(call));

    public PreparedCall Reprice(PreparedCall call, string priceId) => call with { Body = AskedPrice().Replace(call.Body, priceId) };

    public async Task<PriceState> CreatePriceAsync(PreparedCall call, string idempotencyKey, CancellationToken cancellationToken) =>
        StripeStates.Price(await calls.ReadAsync(StripeCalls.Prepared(call, CreatePrice, idempotencyKey), StripeJson.Default.WirePrice, cancellationToken));

    public async Task<PriceState?> FindPriceAsync(Guid key, CancellationToken cancellationToken)
    {
        var found = await calls.ListAsync(
            Prices, form => form.List("lookup_keys", key.ToString()).List("expand", "data.product"), StripeJson.Default.PriceList, StripeErrors.TooMany, cancellationToken);
        return found.Select(StripeStates.Price).FirstOrDefault(price => price.Key == key);
    }

    public async Task<PriceState?> GetPriceAsync(string priceId, CancellationToken cancellationToken)
    {
        try
        {
            return StripeStates.Price(await calls.ReadAsync(StripeCalls.Get(Prices, priceId, new StripeForm().List("expand", "product")), StripeJson.Default.WirePrice, cancellationToken));
        }
        catch (GatewayFailure failure) when (failure.Kind == GatewayFailureKind.NotFound)
        {
            return null;
        }
    }

    public async Task<IReadOnlyList<PriceState>> ListPricesAsync(CancellationToken cancellationToken) =>
    [
        .. (await calls.ListAsync(
            Prices, form => form.Set("type", "recurring").List("expand", "data.product"), StripeJson.Default.PriceList, StripeErrors.Nothing, cancellationToken)).Select(StripeStates.Price),
    ];

    private static string Interval(BillingInterval interval) => interval switch
    {
        BillingInterval.Day => "day",
        BillingInterval.Week => "week",
        BillingInterval.Month => "month",
        BillingInterval.Year => "year",
        _ => throw new ArgumentOutOfRangeException(nameof(interval), interval, "Stripe bills by day, week, month or year."),
    };

    [GeneratedRegex(@"(?<=(?:^|&)(?:line_)?items\[0\]\[price\]=)[^&]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AskedPrice();
}
