"""Reading visits: free time, lists, one visit, social workers."""
