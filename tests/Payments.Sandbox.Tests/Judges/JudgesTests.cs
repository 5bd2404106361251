using System.Text;
using System.Text.Json.Nodes;

namespace Payments.Sandbox.Tests.Judges;

/// <summary>The judges find what is planted, and say of a good simulator that it is good.</summary>
public sealed class JudgesTests
{
    [Fact]
    public async Task A_planted_fault_in_an_answer_or_an_event_is_found()
    {
        await using var stage = await Stage.OpenAsync();
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("email", "ada@example.com")]);
        (await stage.Api.PostAsync("/v1/customers", form)).EnsureSuccessStatusCode();
        (await stage.EventsAsync(1)).ShouldBe(["customer.created"]);
        stage.Faults().ShouldBeEmpty();
        stage.UnknownButAccepted().ShouldBeEmpty();

        var answer = stage.Recorder.Exchanges.ShouldHaveSingleItem();
        var changed = JsonNode.Parse(answer.Answer)!.AsObject();
        changed["balance"] = "0";
        stage.Recorder.Exchanges.Enqueue(answer with { Answer = Encoding.UTF8.GetBytes(changed.ToJsonString()) });
        stage.Faults().ShouldBe(["POST /v1/customers 200: $.balance: expected an integer, found \"0\""]);
        stage.Recorder.Exchanges.Enqueue(answer with { Form = "emial=x" });
        stage.UnknownButAccepted().ShouldBe(["POST /v1/customers 200: $.emial: unknown parameter"]);

        var delivery = stage.Recorder.Deliveries.ShouldHaveSingleItem();
        var told = delivery.Event;
        told["data"]!["object"]!.AsObject().Remove("livemode");
        stage.Recorder.Deliveries.Enqueue(delivery with { Body = Encoding.UTF8.GetBytes(told.ToJsonString()) });
        stage.Faults().ShouldContain("customer.created: $.data.object.livemode: missing");
        stage.Faults().ShouldContain("customer.created: the signature is wrong");
    }
}
