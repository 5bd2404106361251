using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Cards;

/// <summary>What the web app and the provider's script do about cards.</summary>
internal static class Cards
{
    /// <summary>A card that the provider's script made on the page; it belongs to nobody yet.</summary>
    public static async Task<string> NewCardAsync(this World world, string token = "tok_visa", int? expMonth = null, int? expYear = null)
    {
        var method = await world.StripeAsync("/v1/payment_methods", ("type", "card"), ("card[token]", token));
        var id = method["id"]!.ToString();
        if (expYear is { } year)
        {
            await world.StripeAsync(
                $"/v1/payment_methods/{id}", ("card[exp_month]", expMonth!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("card[exp_year]", year.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        return id;
    }

    /// <summary>What somebody does in the provider's Dashboard, or its script on the page.</summary>
    public static async Task<JsonNode> StripeAsync(this World world, string path, params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        using var answer = await world.Simulator.PostAsync(path, content);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    public static async Task<JsonNode> SaveCardAsync(this Caller user, string paymentMethodId, bool? makeDefault = null)
    {
        using var answer = await user.PostAsync("payments/methods", makeDefault is null ? new { paymentMethodId } : new { paymentMethodId, makeDefault });
        return await OkAsync(answer);
    }

    public static async Task<JsonArray> CardsAsync(this Caller user) => (await user.GetAsync("payments/methods"))["items"]!.AsArray();

    public static async Task<string> CustomerOfAsync(this World world, Caller user) =>
        await world.ScalarAsync<string>("SELECT gateway_id FROM payments.customers WHERE user_id = $1 AND deleted_at IS NULL", user.Id);

    /// <summary>The provider's price that a plan is sold at; it is made when the plan is first bought.</summary>
    public static Task<string> PriceOfAsync(this World world, Guid plan) =>
        world.ScalarAsync<string>("SELECT gateway_price_id FROM payments.plan_prices WHERE plan_id = $1 AND gateway_price_id IS NOT NULL LIMIT 1", plan);

    public static async Task<JsonNode> OkAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    public static async Task RefusedAsync(HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(status, text);
        JsonNode.Parse(text)!["code"]!.ToString().ShouldBe(code);
    }

    public static async Task<List<JsonNode>> CustomersAsync(this World world, string email)
    {
        var page = await world.Simulator.GetFromJsonAsync<JsonNode>($"/v1/customers?limit=100&email={Uri.EscapeDataString(email)}");
        return [.. page!["data"]!.AsArray().Select(c => c!)];
    }
}
