using Payments.Api.Tests.Worlds;
using Payments.Sandbox.Mail;

namespace Payments.Api.Tests.Failures;

/// <summary>Hard case 39: once per fact, and at most once more after a crash, with the same Message-ID.</summary>
public sealed class Mail_that_is_cut_off(World world) : IClassFixture<World>
{
    [Fact]
    public async Task A_server_that_is_busy_gets_the_mail_later()
    {
        world.Mail.Faults = new MailFaults { Refuse = 2 };
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync());
        await World.EventuallyAsync(() => Task.FromResult(Mails(ada) == 1), "the mail arrives");
    }

    [Fact]
    public async Task A_process_that_died_between_the_servers_answer_and_our_commit_sends_it_once_more_with_the_same_id_and_then_never_again()
    {
        using var ada = world.NewUser();
        await ada.PaidAsync(await ada.BuyAsync());
        await World.EventuallyAsync(() => Task.FromResult(Mails(ada) == 1), "the mail arrives");
        await world.SettleAsync();

        // As the crash leaves it: handed over, not marked, its lease run out. Twice.
        for (var crash = 0; crash < 2; crash++)
        {
            await world.ScalarAsync<Guid>("UPDATE notifications.notifications SET status = 'sending', sent_at = NULL, next_attempt_at = '1970-01-01' WHERE user_id = $1 RETURNING id", ada.Id);
            await World.EventuallyAsync(async () => await world.ScalarAsync<long>("SELECT count(*) FROM notifications.notifications WHERE user_id = $1 AND next_attempt_at IS NULL", ada.Id) == 1, "it is settled");
        }

        Mails(ada).ShouldBe(2);
        world.Mail.Messages.Where(m => m.To == Address(ada)).Select(m => m.MessageId).Distinct().Count().ShouldBe(1);
        (await world.ScalarAsync<string>("SELECT status FROM notifications.notifications WHERE user_id = $1", ada.Id)).ShouldBe("failed");
    }

    private int Mails(Caller user) => world.Mail.Messages.Count(m => m.To == Address(user));

    private static string Address(Caller user) => $"{user.Id:N}@example.com";
}
