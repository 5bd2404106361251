using System.Net;
using System.Text.Json.Nodes;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Purchases;

public sealed class Paying_on_a_page_of_ones_own(World world) : IClassFixture<World>
{
    [Fact]
    public async Task An_intent_confirmed_by_the_page_grants_once()
    {
        using var ada = world.NewUser();
        var intent = await OpenAsync(ada, new { creditPackId = World.Starter, quantity = 2 });
        intent["status"]!.ToString().ShouldBe("pending");
        (await ConfirmAsync(intent, "pm_card_visa")).ShouldBe(HttpStatusCode.OK);
        await ada.PaidAsync(intent);
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(200);
        world.Mail.Messages.Count(m => m.To == $"{ada.Id:N}@example.com").ShouldBe(1);
        await world.LedgerIsSoundAsync();
    }

    [Fact]
    public async Task A_declined_intent_fails_and_may_still_succeed_with_another_card()
    {
        using var ada = world.NewUser();
        var intent = await OpenAsync(ada, new { creditAmount = 40 });
        (await ConfirmAsync(intent, "pm_card_visa_chargeDeclined")).ShouldBe(HttpStatusCode.PaymentRequired);
        await World.EventuallyAsync(async () => await ada.StatusAsync(intent) == "failed", "the decline is seen");
        (await ConfirmAsync(intent, "pm_card_visa")).ShouldBe(HttpStatusCode.OK);
        await ada.PaidAsync(intent);
        (await ada.CreditsAsync()).ShouldBe(40);
    }

    [Fact]
    public async Task A_card_given_at_once_may_want_three_d_secure()
    {
        using var ada = world.NewUser();
        var intent = await OpenAsync(ada, new { creditAmount = 40, paymentMethodId = "pm_card_threeDSecure2Required" });
        intent["status"]!.ToString().ShouldBe("requiresAction");
        intent["clientSecret"]!.ToString().ShouldContain("_secret_");
        (await ada.CreditsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_card_given_at_once_that_is_good_is_granted_in_the_same_answer()
    {
        using var ada = world.NewUser();
        var intent = await OpenAsync(ada, new { creditAmount = 40, paymentMethodId = "pm_card_visa" });
        intent["status"]!.ToString().ShouldBe("succeeded");
        (await ada.CreditsAsync()).ShouldBe(40);
        await world.SettleAsync();
        (await ada.CreditsAsync()).ShouldBe(40);
    }

    [Fact]
    public async Task The_same_key_gets_the_same_intent()
    {
        using var ada = world.NewUser();
        var first = await OpenAsync(ada, new { creditAmount = 40 }, "intent-key");
        var second = await OpenAsync(ada, new { creditAmount = 40 }, "intent-key");
        second.ToJsonString().ShouldBe(first.ToJsonString());
    }

    [Fact]
    public async Task A_promotion_code_is_refused_with_the_reason()
    {
        using var ada = world.NewUser();
        using var answer = await ada.PostAsync("payments/payment-intent", new { creditAmount = 40, promotionCode = "ANY" });
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.ToString().ShouldBe("promotion_code.checkout_only");
    }

    [Fact]
    public async Task A_saved_card_that_does_not_exist_is_the_callers_mistake()
    {
        using var ada = world.NewUser();
        foreach (var method in new[] { "pm_nope", "cus_x" })
        {
            using var answer = await ada.PostAsync("payments/payment-intent", new { creditAmount = 40, paymentMethodId = method });
            var text = await answer.Content.ReadAsStringAsync();
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, text);
            JsonNode.Parse(text)!["errors"]!["paymentMethodId"].ShouldNotBeNull(text);
        }

        (await ada.GetAsync("payments/history"))["items"]!.AsArray().ShouldAllBe(p => p!["status"]!.ToString() == "failed");
    }

    private static async Task<JsonNode> OpenAsync(Caller user, object body, string? key = null)
    {
        using var answer = await user.PostAsync("payments/payment-intent", body, key);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private async Task<HttpStatusCode> ConfirmAsync(JsonNode intent, string method)
    {
        var id = intent["clientSecret"]!.ToString().Split("_secret_")[0];
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["payment_method"] = method, ["return_url"] = "http://127.0.0.1:3000/back" });
        using var answer = await world.Simulator.PostAsync($"/v1/payment_intents/{id}/confirm", form);
        return answer.StatusCode;
    }
}
