namespace StatefulDeploy.Load.Clients;

internal static class Replies
{
    public static bool ContainsAnswer(this Span<LedgerReply> replies, LedgerAnswer answer)
    {
        foreach (ref readonly var reply in replies)
        {
            if (reply.Answer == answer)
            {
                return true;
            }
        }

        return false;
    }
}
