using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Payments.Api.Tests.Worlds;

/// <summary>What people and staff do about items and orders.</summary>
public static class ThingSteps
{
    public static readonly Guid Course = new("e0000000-0000-4000-8000-000000000001");
    public static readonly Guid Path = new("e0000000-0000-4000-8000-000000000002");
    public static readonly Guid Lab = new("e0000000-0000-4000-8000-000000000003");

    public static async Task<(HttpStatusCode Status, JsonNode Body)> TryAsync(this Caller caller, string path, object body, string? key = null)
    {
        using var answer = await caller.PostAsync(path, body, key);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    public static async Task<JsonNode> DoAsync(this Caller caller, string path, object body, string? key = null)
    {
        var (status, node) = await caller.TryAsync(path, body, key);
        status.ShouldBe(HttpStatusCode.OK, node.ToJsonString());
        return node;
    }

    /// <summary>Opens the purchase of an item and pays it.</summary>
    public static async Task<JsonNode> BuyItemAsync(this World world, Caller buyer, Guid item)
    {
        var purchase = await buyer.DoAsync("purchases", new { itemId = item });
        using var paid = await world.PayAsync(purchase["sessionId"]!.ToString());
        paid.StatusCode.ShouldBe(HttpStatusCode.OK, await paid.Content.ReadAsStringAsync());
        await buyer.PaidAsync(purchase);
        return purchase;
    }

    public static async Task<bool> MayUseAsync(this Caller caller, string resource) => (await caller.GetAsync($"access/{resource}"))["allowed"]!.GetValue<bool>();

    /// <summary>A product of the test's own, with so many pieces.</summary>
    public static async Task<Guid> NewProductAsync(this World world, int pieces, long price = 1000, string currency = "usd")
    {
        using var admin = world.NewUser(null, "admin");
        var product = await admin.DoAsync("admin/products", new { name = $"Thing {Guid.NewGuid():N}", price = new { amount = price, currency }, available = pieces });
        return Guid.Parse(product["id"]!.ToString());
    }

    public static Task<JsonNode> OrderAsync(this Caller buyer, Guid product, int quantity = 1, string? key = null) => buyer.DoAsync("orders", new { items = new[] { new { productId = product, quantity } } }, key);

    public static async Task<string> OrderStatusAsync(this Caller buyer, JsonNode order) => (await buyer.GetAsync($"orders/{order["id"]}"))["status"]!.ToString();

    public static Task OrderBecomesAsync(this Caller buyer, JsonNode order, string status, int seconds = 60) =>
        World.EventuallyAsync(async () => await buyer.OrderStatusAsync(order) == status, $"the order is {status}", seconds);

    /// <summary>Free, reserved, sold.</summary>
    public static async Task<(int Available, int Reserved, int Sold)> StockAsync(this World world, Guid product)
    {
        await using var command = world.Database.CreateCommand("SELECT available, reserved, sold FROM payments.stock WHERE product_id = $1");
        command.Parameters.Add(new() { Value = product });
        await using var row = await command.ExecuteReaderAsync();
        (await row.ReadAsync()).ShouldBeTrue();
        return (row.GetInt32(0), row.GetInt32(1), row.GetInt32(2));
    }

    public static async Task LaterAsync(this World world, string advance)
    {
        using var moved = await world.Simulator.PostAsJsonAsync("/sandbox/clock", new { advance });
        moved.IsSuccessStatusCode.ShouldBeTrue(await moved.Content.ReadAsStringAsync());
    }

    /// <summary>Pays an open intent from a page of one's own.</summary>
    public static async Task<HttpStatusCode> ConfirmIntentAsync(this World world, JsonNode intent, string method = "pm_card_visa")
    {
        var id = intent["clientSecret"]!.ToString().Split("_secret_")[0];
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["payment_method"] = method, ["return_url"] = "http://127.0.0.1:3000/success" });
        using var answer = await world.Simulator.PostAsync($"/v1/payment_intents/{id}/confirm", form);
        return answer.StatusCode;
    }

    /// <summary>Pays a hosted page by a bank debit.</summary>
    public static async Task DebitAsync(this World world, JsonNode session, string account)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["type"] = "us_bank_account", ["us_bank_account[account_number]"] = account, ["us_bank_account[routing_number]"] = "110000000",
            ["us_bank_account[account_holder_type]"] = "individual", ["billing_details[name]"] = "Ada", ["billing_details[email]"] = "ada@example.com",
        });
        using var made = await world.Simulator.PostAsync("/v1/payment_methods", form);
        var method = JsonNode.Parse(await made.Content.ReadAsStringAsync())!;
        using var paid = await world.PayAsync(session["sessionId"]!.ToString(), method["id"]!.ToString());
        paid.StatusCode.ShouldBe(HttpStatusCode.OK, await paid.Content.ReadAsStringAsync());
    }

    public static List<string> MailsTo(this World world, Caller person) => [.. world.Mail.Messages.Where(m => m.To == $"{person.Id:N}@example.com").Select(m => m.Subject)];
}
